// The three parts of a convolution by tiles that read the image itself (kernels/conv.h). For conv.cc, which has the
// same by columns and matrix products for all other cases, and for tests, which hold one against the other.
#pragma once

#include "recur/ops/conv.h"
#include "recur/tensor/tensor.h"

namespace recur::internal {

// Whether these run: f32, stride 1, one group, a kernel of more than one tap, and not the scalar reference.
bool runs_direct(const Shape& x, const Shape& w, DType dtype, const Conv2dOptions& options);

// None of them is recorded. bias [O] or undefined.
Tensor direct_convolve(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dOptions& options);
// REQUIRES: padding <= dilation (kernel - 1)
Tensor direct_input_gradient(const Tensor& g, const Tensor& w, const Shape& x, const Conv2dOptions& options);
Tensor direct_weight_gradient(const Tensor& g, const Tensor& x, const Shape& w, const Conv2dOptions& options);

}  // namespace recur::internal
