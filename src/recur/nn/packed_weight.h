// A recurrent weight in the order that the fused loop reads it.
#pragma once

#include <mutex>

#include "recur/kernels/recurrent.h"
#include "recur/tensor/tensor.h"

namespace recur {

// weight [G H, H] as the kernels' forward (or backward) pass reads it.
template <class T>
Tensor pack_forward(const kernels::RecurrentKernels<T>& kernels, const Tensor& weight) {
  Tensor packed = Tensor::empty({kernels.packed_size_forward(weight.size(1))}, kDTypeOf<T>);
  kernels.pack_forward(weight.size(1), weight.data<T>(), packed.data<T>());
  return packed;
}
template <class T>
Tensor pack_backward(const kernels::RecurrentKernels<T>& kernels, const Tensor& weight) {
  Tensor packed = Tensor::empty({kernels.packed_size_backward(weight.size(1))}, kDTypeOf<T>);
  kernels.pack_backward(weight.size(1), weight.data<T>(), packed.data<T>());
  return packed;
}

// Keeps the last packed form while the weight's elements stay as they are. Thread-safe.
class PackedWeight {
 public:
  template <class T>
  Tensor forward(const kernels::RecurrentKernels<T>& kernels, const Tensor& weight) {
    const std::lock_guard lock(mutex_);
    if (!packed_.defined() || packed_.dtype() != weight.dtype() || weight_ != weight.id() ||
        version_ != weight.version()) {
      packed_ = pack_forward(kernels, weight);
      weight_ = weight.id();
      version_ = weight.version();
    }
    return packed_;
  }

 private:
  std::mutex mutex_;
  Tensor packed_;
  const void* weight_ = nullptr;
  uint64_t version_ = 0;
};

}  // namespace recur
