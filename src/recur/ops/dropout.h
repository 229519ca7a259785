// Dropout (Srivastava et al., 2014).
#pragma once

#include "recur/base/random.h"
#include "recur/tensor/tensor.h"

namespace recur {

// Each element is 0 with probability p, else x / (1 - p), so that the expectation stays. 0 <= p <= 1; p == 0 gives x
// itself and draws nothing, else one word is drawn an element.
Tensor dropout(const Tensor& x, double p, Random& random);

// The factors alone: 0 with probability p, else 1 / (1 - p). For masks that are used more than once.
Tensor dropout_mask(const Shape& shape, double p, Random& random, DType dtype = DType::kF32);

}  // namespace recur
