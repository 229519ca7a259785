// Reductions of one axis other than sums, and running sums.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// The largest and the smallest along an axis, which must not be empty; NaN counts as both. The gradient goes to the
// first of equals.
Tensor max(const Tensor& x, int axis, bool keep_axis = false);
Tensor min(const Tensor& x, int axis, bool keep_axis = false);

// Their positions: i32, the first of equals.
Tensor argmax(const Tensor& x, int axis, bool keep_axis = false);
Tensor argmin(const Tensor& x, int axis, bool keep_axis = false);

// The mean squared distance from the mean, over n - 1 when unbiased (n >= 2), else over n.
Tensor variance(const Tensor& x, int axis, bool unbiased = true, bool keep_axis = false);

// y[k] = x[0] + .. + x[k] along the axis, or, reversed, x[k] + .. + x[n - 1].
Tensor cumsum(const Tensor& x, int axis, bool reversed = false);

// The Euclidean length of all elements or along an axis; gradient 0 where it is 0.
Tensor norm(const Tensor& x);
Tensor norm(const Tensor& x, int axis, bool keep_axis = false);

}  // namespace recur
