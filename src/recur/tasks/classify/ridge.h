// Ridge regression towards classes, for more features than examples.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

struct RidgeFit {
  std::vector<float> weight, bias;  // [C, F], [C]: scores of features as they are
  // Of each example, [N, C]: the scores by what is learnt from all others.
  std::vector<float> left_out;
  double penalty = 0;
};

// Towards 1 for an example's class and -1 for the others, on features standardised by mean and deviation; those that
// are constant count nothing. The penalty is the one of 10^-2 .. 10^4 with the least squared error when each example is
// left out, which needs no training anew (Hastie, Tibshirani and Friedman, "The elements of statistical learning",
// 2009, section 7.10). The scores are then multiplied by what makes them logits: a power of two, with the lowest
// cross-entropy of the examples left out, their labels a little smoothed.
//
// features [N, F] of N >= 2 examples; their classes [N], 0 .. C - 1; weights [N] > 0 of the examples, or none.
// Takes time N^3 + N^2 F.
RidgeFit fit_ridge(std::span<const float> features, std::span<const int32_t> classes, int64_t count_of_classes,
                   std::span<const float> weights = {});

}  // namespace recur
