// Making tensors longer: with a constant, or with copies.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

struct Padding {
  int64_t before = 0, after = 0;
};

// `value` put before and after the last axes.size() axes of x, the last entry being for the last axis.
Tensor pad(const Tensor& x, const std::vector<Padding>& axes, double value = 0);

// All of x `count` times one after another along an axis: a b -> a b a b.
Tensor tile(const Tensor& x, int axis, int64_t count);

// Each position of an axis `count` times: a b -> a a b b.
Tensor repeat(const Tensor& x, int axis, int64_t count);

}  // namespace recur
