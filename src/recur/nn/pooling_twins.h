// Pooling made of ops that take the lengths as a tensor: recorded by a trace that opens it.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// As in pooling.h; lengths i64 [B], undefined: all T.
Tensor pool_last_twin(const Tensor& y, const Tensor& lengths, bool bidirectional);
Tensor pool_mean_twin(const Tensor& y, const Tensor& lengths);
Tensor pool_max_twin(const Tensor& y, const Tensor& lengths);
Tensor padding_mask_twin(int64_t steps, const Tensor& lengths, DType dtype);  // lengths defined

}  // namespace recur
