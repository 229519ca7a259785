// Scores of a record of which only some parts are there, the others being as in the baseline.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "recur/explain/attribution.h"
#include "recur/explain/parts.h"
#include "recur/tasks/explainable.h"

namespace recur {

// 1 for each part that is there.
using Coalition = std::vector<uint8_t>;

class CoalitionScores {
 public:
  // All must outlive it.
  CoalitionScores(const Explainable& record, const Tensor& baseline, const Parts& parts);

  int64_t parts() const { return parts_.size(); }
  // In batches. Throws Error for a score that is not finite.
  std::vector<double> operator()(std::span<const Coalition> coalitions);
  double all() { return of_constant(1); }   // of the record itself
  double none() { return of_constant(0); }  // of the baseline
  int64_t evaluations() const { return evaluations_; }
  // Of the parts, with both scores and without values.
  Attribution attribution();

 private:
  double of_constant(uint8_t there);
  void run(std::span<const Coalition> coalitions, std::vector<double>& out);

  const Explainable& record_;
  const Parts& parts_;
  Tensor x_, baseline_;
  int64_t batch_;
  int64_t evaluations_ = 0;
};

// How many variants of a record are run at once.
int64_t variants_at_once(const ReadRecord& read);
// Throws Error for a score that is not finite.
double finite_score(double score, const ReadRecord& read);

}  // namespace recur
