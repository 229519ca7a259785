// The logarithm of the gamma function.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// log |gamma(x)| for x > 0, made of other ops: Stirling's series, after the recurrence has carried x beyond 8.
Tensor log_gamma(const Tensor& x);

}  // namespace recur
