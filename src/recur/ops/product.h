// The matrix product on arrays, shared out among the threads.
#pragma once

#include "recur/kernels/kernels.h"

namespace recur {

// For T = float and double. The same bits for any number of threads.
template <class T>
void multiply(const kernels::Gemm<T>& product);

}  // namespace recur
