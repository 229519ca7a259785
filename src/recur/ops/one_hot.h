// Tensors made from numbers alone.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// 0, 1, .. n - 1 -> [n].
Tensor arange(int64_t n, DType dtype = DType::kI32);

// `value` everywhere. In a trace this is an op, whose shape may depend on open sizes; Tensor::full is a constant.
Tensor filled(const Shape& shape, double value, DType dtype = DType::kF32);

// A 1 at the position of each id (i32, any shape) -> ids.shape + [vocabulary]. An id out of range is an error that
// names it.
Tensor one_hot(const Tensor& ids, int64_t vocabulary, DType dtype = DType::kF32);

}  // namespace recur
