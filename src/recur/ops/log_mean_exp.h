// The mean of probabilities that are given by their logarithms.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// log(mean_k(exp(x_k))), element by element, of at least one tensor of one shape. Where all are -infinity it is too.
Tensor log_mean_exp(const Tensors& x);

}  // namespace recur
