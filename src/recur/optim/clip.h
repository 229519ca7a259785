// Gradient clipping.
#pragma once

#include <string>

#include "recur/tensor/named_tensors.h"

namespace recur {

// The Euclidean norm of all gradients together; parameters without one count as 0. The same bits for any number of
// threads. NaN or infinite when any gradient is.
double gradient_norm(const Tensors& parameters);
double squared_gradient_norm(const Tensor& parameter);  // of one; 0 without a gradient

// Scales all gradients by max_norm / (norm + 1e-6) where that is below 1, and returns the norm before: Pascanu, Mikolov
// and Bengio, "On the difficulty of training recurrent neural networks" (2013). A norm that is not finite is returned
// and the gradients stay as they are, because there is no direction to preserve. Rate factors do not count here, as
// they do in Optimizer::clipped_step().
double clip_norm(const Tensors& parameters, double max_norm);

// The factor by which clip_norm scales gradients of this norm: 1 if they are within the limit.
double clip_scale(double norm, double max_norm);

// Replaces each gradient by `scale` times itself.
void scale_gradients(const Tensors& parameters, double scale);

// Limits each element of the gradients to +-bound; NaN stays NaN.
void clip_value(const Tensors& parameters, double bound);

// The name of the first parameter that holds, or whose gradient holds, a number that is not finite; "" when none does.
std::string first_non_finite(const NamedTensors& parameters);

}  // namespace recur
