// Pooling of images and series: the maximum or mean over a sliding window.
#pragma once

#include <array>

#include "recur/tensor/tensor.h"

namespace recur {

struct Pool2dOptions {
  std::array<int64_t, 2> kernel;          // [height, width]
  std::array<int64_t, 2> stride{0, 0};    // 0: the kernel's size
  std::array<int64_t, 2> padding{0, 0};   // at most half the kernel
  std::array<int64_t, 2> dilation{1, 1};  // distance of neighbouring elements of a window
  bool count_padding = true;              // whether a mean counts the padding as zeros
};

// x [N, C, H, W] -> [N, C, H', W'], sizes as in conv2d. The gradient of the maximum goes to the first of equals; NaN is
// larger than any number.
Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options);
Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options);

struct Pool1dOptions {
  int64_t kernel;
  int64_t stride = 0, padding = 0, dilation = 1;
  bool count_padding = true;
};

// x [N, C, W] -> [N, C, W'].
Tensor max_pool1d(const Tensor& x, const Pool1dOptions& options);
Tensor avg_pool1d(const Tensor& x, const Pool1dOptions& options);

}  // namespace recur
