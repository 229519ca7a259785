// Softmax, its logarithm, and log-sum-exp: computed without overflow for inputs of any size.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// exp(x) / sum(exp(x)) along `axis`, fastest along the last. A row of -infinity alone gives NaN.
Tensor softmax(const Tensor& x, int axis = -1);
Tensor log_softmax(const Tensor& x, int axis = -1);

// log(sum(exp(x))) over one axis. Of -infinity alone, or of nothing, it is -infinity with gradient 0: an impossible
// event stays one.
Tensor logsumexp(const Tensor& x, int axis, bool keep_axis = false);

}  // namespace recur
