// Elementwise kernels over whole tensors. Nothing is recorded: what ops and their gradients are made of. `name` is the
// op, for errors about a dtype that is not f32 or f64.
#pragma once

#include "recur/kernels/kernels.h"
#include "recur/tensor/tensor.h"

namespace recur {

// Of x, of any shape.
Tensor map_elements(const char* name, kernels::Unary op, const Tensor& x);
// Of a and b, of one shape and dtype.
Tensor zip_elements(const char* name, kernels::Binary op, const Tensor& a, const Tensor& b);

}  // namespace recur
