// Terms to add to a loss. All are differentiable scalars [].
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// The sum of |w| over all elements of at least one tensor.
Tensor l1_penalty(const Tensors& parameters);
// The sum of w^2.
Tensor l2_penalty(const Tensors& parameters);

// Merity, McCann and Socher, "Revisiting activation regularization for language RNNs" (2017), of a recurrent layer's
// output y [T, B, H]:
// the mean of y^2, of the output after dropout;
Tensor activation_penalty(const Tensor& y);
// the mean of (y_t+1 - y_t)^2, of the output before dropout; 0 for T < 2.
Tensor temporal_activation_penalty(const Tensor& y);

}  // namespace recur
