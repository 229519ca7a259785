// Joining tensors along an axis.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// All of one dtype and of shapes that differ at most along `axis`; at least one.
Tensor concat(const Tensors& parts, int axis);

// Tensors of one shape along a new axis put in at `axis`.
Tensor stack(const Tensors& parts, int axis = 0);

// The inverse of concat: parts of the given sizes, which add up to the axis. Views where the axis is the first.
Tensors split(const Tensor& x, int axis, const std::vector<int64_t>& sizes);

// Parts of `size` positions along an axis; the last one has what is left.
Tensors split_every(const Tensor& x, int axis, int64_t size);

}  // namespace recur
