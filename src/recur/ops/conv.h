// Convolution in one and two dimensions (cross-correlation, as in other network libraries).
#pragma once

#include <array>

#include "recur/tensor/tensor.h"

namespace recur {

struct Conv2dOptions {
  std::array<int64_t, 2> stride{1, 1};    // [height, width], >= 1
  std::array<int64_t, 2> padding{0, 0};   // zeros on either side, >= 0
  std::array<int64_t, 2> dilation{1, 1};  // distance of neighbouring taps, >= 1
  int64_t groups = 1;                     // input and output channels are divided into this many independent groups
};

// x [N, C, H, W], weight [O, C / groups, KH, KW], bias [O] or undefined -> [N, O, H', W'] with
// H' = (H + 2 padding - dilation (KH - 1) - 1) / stride + 1, rounded down; at least 1.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, const Conv2dOptions& options = {});

struct Conv1dOptions {
  int64_t stride = 1, padding = 0, dilation = 1, groups = 1;
};

// x [N, C, W], weight [O, C / groups, K] -> [N, O, W'].
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, const Conv1dOptions& options = {});

}  // namespace recur
