// The labels of a diagnosis: several questions with the answers yes and no.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/sequences/sequence_set.h"

namespace recur {

class LabelSet {
 public:
  // The labels of the set in the order of its columns, of which those named in `auxiliary` are used in training only.
  // Throws Error without a label to predict, and UsageError where there is no such column.
  static LabelSet of(const SequenceSet& set, const std::vector<std::string>& auxiliary);

  int64_t size() const { return std::ssize(names_); }               // L, auxiliary ones included
  int64_t predicted() const { return size() - auxiliary_; }         // the first ones
  const std::vector<std::string>& names() const { return names_; }  // predicted ones, then auxiliary
  const std::vector<double>& thresholds() const {
    return thresholds_;
  }  // [predicted] the probability from which on it is yes
  void set_thresholds(std::vector<double> thresholds) { thresholds_ = std::move(thresholds); }

  // The answers of a record: 1 yes, 0 no, NaN not known; of auxiliary labels where the set has them, else NaN. Throws
  // Error naming the place for a cell that is neither 0, 1, no, yes, false, true nor missing.
  std::vector<float> encode(const SequenceSet& set, const Sequence& record) const;

  std::string to_text() const;
  static LabelSet from_text(std::string_view json);  // throws Error: it is untrusted input

 private:
  std::vector<std::string> names_;
  int64_t auxiliary_ = 0;
  std::vector<double> thresholds_;
};

}  // namespace recur
