// Dropout (Srivastava et al., 2014).
#pragma once

#include "recur/base/random.h"
#include "recur/tensor/tensor.h"

namespace recur {

// Each element is 0 with probability p, else x / (1 - p), so that the expectation stays the same. 0 <= p <= 1; p == 0
// returns x itself and draws no random numbers, otherwise one is drawn per element.
Tensor dropout(const Tensor& x, double p, Random& random);

// Only the mask: 0 with probability p, else 1 / (1 - p). For masks that are used more than once.
Tensor dropout_mask(const Shape& shape, double p, Random& random, DType dtype = DType::kF32);

}  // namespace recur
