// Conversion to another dtype.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// x in `dtype`; between floating dtypes the gradient is converted back.
Tensor cast(const Tensor& x, DType dtype);

}  // namespace recur
