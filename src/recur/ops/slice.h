// Slices along any axis (copied), and their transpose.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

struct SliceAt {
  int axis;
  int64_t begin;
};

// Positions begin .. begin + size - 1 of `axis`.
Tensor slice(const Tensor& x, SliceAt at, int64_t size);

// Zeros of `shape` with x inserted at `at`: the transpose of slice.
Tensor pad_slice(const Tensor& x, const Shape& shape, SliceAt at);

}  // namespace recur
