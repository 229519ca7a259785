// Reversing an axis.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// x with the order along `axis` reversed. Any dtype.
Tensor flip(const Tensor& x, int axis);

}  // namespace recur
