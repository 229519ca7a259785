// Extending tensors by a constant or by copies.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

struct Padding {
  int64_t before = 0, after = 0;
};

// x with `value` added before and after its last axes.size() axes; the last entry is for the last axis.
Tensor pad(const Tensor& x, const std::vector<Padding>& axes, double value = 0);

// x repeated `count` times along an axis: a b -> a b a b.
Tensor tile(const Tensor& x, int axis, int64_t count);

// Each position of an axis repeated `count` times: a b -> a a b b.
Tensor repeat(const Tensor& x, int axis, int64_t count);

}  // namespace recur
