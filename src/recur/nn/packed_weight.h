// The weights of a recurrent layer in the order that the fused loop reads them.
#pragma once

#include <mutex>
#include <utility>

#include "recur/kernels/recurrent.h"
#include "recur/nn/tensor_mark.h"
#include "recur/tensor/tensor.h"

namespace recur {

// weight_hh [G H, H] and, where the loop is to project the input too, weight_ih [G H, F]; undefined otherwise.
struct LoopWeights {
  Tensor recurrent;
  Tensor input;

  template <class T>
  kernels::RecurrentWeights<T> view() const {
    return {.hidden = recurrent.size(1),
            .input = input.defined() ? input.size(1) : 0,
            .recurrent = recurrent.data<T>(),
            .of_input = input.defined() ? input.data<T>() : nullptr};
  }
};

template <class T, class E>
Tensor pack_forward(const kernels::RecurrentKernels<T, E>& kernels, const LoopWeights& weights) {
  const auto view = weights.view<T>();
  Tensor packed = Tensor::empty({kernels.packed_size_forward(view.hidden, view.input)}, kDTypeOf<E>);
  kernels.pack_forward(view, packed.data<E>());
  return packed;
}
template <class T, class E>
Tensor pack_backward(const kernels::RecurrentKernels<T, E>& kernels, const Tensor& weight_hh) {
  const auto view = LoopWeights{weight_hh, {}}.view<T>();
  Tensor packed = Tensor::empty({kernels.packed_size_backward(view.hidden)}, kDTypeOf<E>);
  kernels.pack_backward(view, packed.data<E>());
  return packed;
}

// Keeps the last packed form while the weights' elements stay as they are. Thread-safe.
class PackedWeight {
 public:
  template <class T, class E>
  Tensor forward(const kernels::RecurrentKernels<T, E>& kernels, const LoopWeights& weights) {
    const std::lock_guard lock(mutex_);
    const bool kept = packed_.defined() && packed_.dtype() == kDTypeOf<E> && recurrent_.is(weights.recurrent) &&
                      input_.is(weights.input);
    if (!kept) {
      packed_ = pack_forward(kernels, weights);
      recurrent_ = TensorMark(weights.recurrent);
      input_ = TensorMark(weights.input);
    }
    return packed_;
  }

 private:
  std::mutex mutex_;
  Tensor packed_;
  TensorMark recurrent_, input_;
};

}  // namespace recur
