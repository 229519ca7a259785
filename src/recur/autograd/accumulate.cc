#include "recur/autograd/accumulate.h"

#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/threads.h"

namespace recur::autograd {
namespace {

constexpr int64_t kGrain = 65536;

// to may be a or b.
void add_elements(const Tensor& a, const Tensor& b, Tensor& to) {
  dispatch_float("backward", to.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.data<T>(), *y = b.data<T>();
    T* out = to.data<T>();
    parallel_for(to.numel(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) out[i] = x[i] + y[i];
    });
  });
}

}  // namespace

void accumulate(Tensor& sum, Tensor grad) {
  if (!sum.defined()) {
    sum = std::move(grad);
    return;
  }
  if (sum.shape() != grad.shape() || sum.dtype() != grad.dtype())
    fail("backward: cannot add gradients of {} {} and {} {}", name_of(sum.dtype()), sum.shape().str(),
         name_of(grad.dtype()), grad.shape().str());
  // Where nobody else sees one of the two, it takes the sum: a new array would be written to memory that is in no
  // cache.
  const bool is_recorded = recording() && any_requires_grad({sum, grad});
  if (!is_recorded && grad.is_only_handle()) std::swap(sum, grad);
  if (!is_recorded && sum.is_only_handle()) {
    add_elements(sum, grad, sum);
    return;
  }
  Tensor total = Tensor::empty(sum.shape(), sum.dtype());
  add_elements(sum, grad, total);
  sum = record("accumulate", {sum, grad}, total, [](const VjpArgs& v) { return Tensors{v.grad(), v.grad()}; });
}

}  // namespace recur::autograd
