// Softmax, its logarithm, and log-sum-exp: computed without overflow for inputs of any size.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// exp(x) / sum(exp(x)) along `axis`, fastest along the last. A row with only -infinity gives NaN.
Tensor softmax(const Tensor& x, int axis = -1);
Tensor log_softmax(const Tensor& x, int axis = -1);

// log(sum(exp(x))) over one axis. If all are -infinity, or there are none, it is -infinity with gradient 0: an
// impossible event stays impossible.
Tensor logsumexp(const Tensor& x, int axis, bool keep_axis = false);

}  // namespace recur
