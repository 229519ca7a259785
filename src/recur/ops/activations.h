// Activation functions made of other ops.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

Tensor gelu(const Tensor& x);       // x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel, 2016)
Tensor gelu_tanh(const Tensor& x);  // the same paper's approximation by tanh
Tensor silu(const Tensor& x);       // x sigmoid(x)
Tensor elu(const Tensor& x, double alpha = 1);            // x above 0, else alpha (e^x - 1)
Tensor leaky_relu(const Tensor& x, double slope = 0.01);  // x above 0, else slope x
Tensor hard_sigmoid(const Tensor& x);                     // x / 6 + 1/2, kept within [0, 1]
Tensor log_sigmoid(const Tensor& x);

}  // namespace recur
