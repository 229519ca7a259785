// The next symbol as a function of those before it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "recur/data/text/text_source.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/lm/lm_trained.h"

namespace recur {

// Each line is a record, as for prediction: it begins behind a line end, and is [T, E], a vector for each symbol. What
// is explained is the symbol behind the last one, or with a step that of the step from those before it; of the target
// "sequence" the log-probability of all symbols.
class LmRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  LmRecords(const LmTrained& model, const TextSource& source);

  int64_t size() const override { return static_cast<int64_t>(lines_.size()); }
  std::string id(int64_t i) const override { return std::to_string(lines_[static_cast<size_t>(i)].number); }
  int64_t steps(int64_t i) const override { return std::ssize(lines_[static_cast<size_t>(i)].symbols); }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  struct Line {
    int64_t number = 0;  // from 1
    std::vector<int32_t> symbols;
  };

  const LmTrained& model_;
  std::vector<Line> lines_;
};

}  // namespace recur
