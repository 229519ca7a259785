// The gradients of a convolution by themselves, for fused ops that have convolutions in them. Both are differentiable.
#pragma once

#include "recur/ops/conv.h"

namespace recur {

// Of y = conv2d(x, weight, {}, options), given dy [N, O, H', W']: dx of shape `x`, and dweight of shape `weight`.
// REQUIRES: shapes that conv2d takes.
Tensor conv2d_input_gradient(const Tensor& dy, const Tensor& weight, const Shape& x, const Conv2dOptions& options);
Tensor conv2d_weight_gradient(const Tensor& dy, const Tensor& x, const Shape& weight, const Conv2dOptions& options);

}  // namespace recur
