// The linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): labels of a sequence that are judged
// together, each by its step's score and by how well it follows the one before.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/module.h"

namespace recur {

// C labels. The score of a labelling is start[y_0] + sum_t emissions[t, y_t] + sum_t transitions[y_t-1, y_t] +
// end[y_last], and its probability the softmax of that over all labellings. Emissions are [T, B, C], lengths 0 .. T one
// a sequence, or empty: all T. Parameters start at 0: then steps are independent.
class Crf : public Module {
 public:
  explicit Crf(int64_t labels);

  // -log probability of the labels i32 [T, B] in nats, one number a sequence: [B], 0 for a sequence of length 0. Exact,
  // by the forward algorithm. Labels behind a sequence's end are not looked at.
  Tensor loss(const Tensor& emissions, const Tensor& labels, const std::vector<int64_t>& lengths) const;

  // The logarithm of the sum over all labellings of exp(score), [B].
  Tensor log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths) const;

  // The probability of each label at each step, all labellings considered: [T, B, C], 0 behind the end. Outside any
  // graph.
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
