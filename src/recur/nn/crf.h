// The linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): scores the labels of a sequence
// jointly, by the score of each label at its step and of each transition between neighbouring labels.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/module.h"

namespace recur {

// C labels. The score of a labelling is start[y_0] + sum_t emissions[t, y_t] + sum_t transitions[y_t-1, y_t] +
// end[y_last], and its probability is the softmax of the scores over all labellings. Emissions are [T, B, C]; lengths
// are 0 .. T, one per sequence, or empty: all T. Parameters start at 0, so that steps are independent at first.
class Crf : public Module {
 public:
  explicit Crf(int64_t labels);

  // -log probability of the labels i32 [T, B] in nats for each sequence: [B], 0 for a sequence of length 0. Exact, by
  // the forward algorithm. Labels in the padding are ignored.
  Tensor loss(const Tensor& emissions, const Tensor& labels, const std::vector<int64_t>& lengths) const;

  // The logarithm of the sum over all labellings of exp(score), [B].
  Tensor log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths) const;

  // The marginal probability of each label at each step: [T, B, C], 0 in the padding. Outside any graph.
  Tensor marginals(const Tensor& emissions, const std::vector<int64_t>& lengths) const;

  // The most probable labelling of each sequence (Viterbi 1967): as many labels as it has steps.
  std::vector<std::vector<int32_t>> decode(const Tensor& emissions, const std::vector<int64_t>& lengths) const;

  Parameter transitions;  // [C, C] from, to
  Parameter start, end;   // [C]

 private:
  void check(const Tensor& emissions, const std::vector<int64_t>& lengths) const;
  Tensor score(const Tensor& emissions, const Tensor& labels, const std::vector<int64_t>& lengths) const;

  int64_t labels_;
};

}  // namespace recur
