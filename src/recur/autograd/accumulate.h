// Summing gradients that reach the same tensor along several paths.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur::autograd {

// sum += grad, recorded while recording is on; takes `grad` over when `sum` is undefined.
void accumulate(Tensor& sum, Tensor grad);

}  // namespace recur::autograd
