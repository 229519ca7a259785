#include "recur/autograd/accumulate.h"

#include "recur/autograd/node.h"

namespace recur::autograd {

void accumulate(Tensor& sum, Tensor grad) {
  if (!sum.defined()) {
    sum = std::move(grad);
    return;
  }
  if (sum.shape() != grad.shape() || sum.dtype() != grad.dtype())
    fail("backward: cannot add gradients of {} {} and {} {}", name_of(sum.dtype()), sum.shape().str(),
         name_of(grad.dtype()), grad.shape().str());
  Tensor total = Tensor::empty(sum.shape(), sum.dtype());
  dispatch_float("backward", sum.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* a = sum.data<T>();
    const T* b = grad.data<T>();
    T* out = total.data<T>();
    for (int64_t i = 0; i < total.numel(); ++i) out[i] = a[i] + b[i];
  });
  sum = record("accumulate", {sum, grad}, total, [](const VjpArgs& v) { return Tensors{v.grad(), v.grad()}; });
}

}  // namespace recur::autograd
