// Choosing between elements by a condition.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// a where mask is not 0, else b; the three broadcast against each other. The mask is of any dtype, a and b of one.
// Elements that are not chosen have gradient 0, even if they are NaN or infinite.
Tensor where(const Tensor& mask, const Tensor& a, const Tensor& b);

// x with `value` where mask is not 0; the mask broadcasts to x.
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value);

// x, but at least `low` and at most `high`; the gradient is 1 from low to high, both included. NaN stays NaN.
Tensor clamp(const Tensor& x, double low, double high);

}  // namespace recur
