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
    if (!is_packed(weight)) {
      packed_ = pack_forward(kernels, weight);
      // Held, not only remembered by its address: the next weight of a call could be put where a freed one was.
      source_ = weight.detach();
      version_ = weight.version();
    }
    return packed_;
  }

 private:
  bool is_packed(const Tensor& weight) const {
    return source_.defined() && source_.dtype() == weight.dtype() && source_.shares_storage_with(weight) &&
           source_.bytes() == weight.bytes() && version_ == weight.version();
  }

  std::mutex mutex_;
  Tensor packed_, source_;
  uint64_t version_ = 0;
};

}  // namespace recur
