// Repeating a tensor along axes of size 1, and the sum that undoes it.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// x repeated to `shape`, which its own must broadcast to.
Tensor broadcast_to(const Tensor& x, const Shape& shape);

// x summed over the axes along which `shape` was repeated to give x's: the transpose of broadcast_to.
Tensor sum_to(const Tensor& x, const Shape& shape);

}  // namespace recur
