// Elementwise functions of one tensor: f32, f64, or bf16 (computed in f32). The result has the shape of x.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

Tensor neg(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);  // natural; the gradient at 0 is infinite
Tensor sqrt(const Tensor& x);
Tensor abs(const Tensor& x);   // gradient 0 at 0
Tensor sign(const Tensor& x);  // -1, 0 or 1; gradient 0
Tensor reciprocal(const Tensor& x);
Tensor square(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor relu(const Tensor& x);
Tensor step(const Tensor& x);      // 1 where x > 0, else 0; gradient 0
Tensor softplus(const Tensor& x);  // log(1 + e^x)
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor erf(const Tensor& x);

inline Tensor operator-(const Tensor& x) { return neg(x); }

}  // namespace recur
