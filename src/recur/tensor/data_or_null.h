// What optional tensors are to kernels.
#pragma once

#include <utility>

#include "recur/tensor/tensor.h"

namespace recur {

// The elements of a tensor of T, null where it is not defined. The second makes the tensor one that alone holds them.
template <class T>
const T* data_or_null(const Tensor& t) {
  return t.defined() ? std::as_const(t).template data<T>() : nullptr;
}
template <class T>
T* data_or_null(Tensor& t) {
  return t.defined() ? t.data<T>() : nullptr;
}

}  // namespace recur
