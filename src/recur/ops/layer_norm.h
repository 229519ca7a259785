// Layer normalisation (Ba, Kiros and Hinton, 2016).
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// (x - mean) / sqrt(variance + eps) * weight + bias over the last axis of x [..., F], the variance being over F.
// weight and bias [F] may be undefined: ones and zeros. eps > 0.
Tensor layer_norm(const Tensor& x, const Tensor& weight = {}, const Tensor& bias = {}, double eps = 1e-5);

}  // namespace recur
