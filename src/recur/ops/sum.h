// Sums and means.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

Tensor sum(const Tensor& x);                                    // of all elements -> []
Tensor sum(const Tensor& x, int axis, bool keep_axis = false);  // over one axis
Tensor mean(const Tensor& x);                                   // of all elements; throws when there are none
Tensor mean(const Tensor& x, int axis, bool keep_axis = false);

}  // namespace recur
