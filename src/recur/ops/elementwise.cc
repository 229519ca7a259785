#include "recur/ops/elementwise.h"

#include "recur/base/threads.h"

namespace recur {
namespace {

constexpr int64_t kGrain = 1 << 16;  // elements that a thread takes at a time

}  // namespace

Tensor map_elements(const char* name, kernels::Unary op, const Tensor& x) {
  Tensor y = Tensor::empty(x.shape(), x.dtype());
  dispatch_float(name, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = y.data<T>();
    parallel_for(x.numel(), kGrain, [&](int64_t begin, int64_t end) {
      kernels::table<T>().unary(op, from + begin, to + begin, end - begin);
    });
  });
  return y;
}

Tensor zip_elements(const char* name, kernels::Binary op, const Tensor& a, const Tensor& b) {
  Tensor y = Tensor::empty(a.shape(), a.dtype());
  dispatch_float(name, a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T *left = a.data<T>(), *right = b.data<T>();
    T* to = y.data<T>();
    parallel_for(a.numel(), kGrain, [&](int64_t begin, int64_t end) {
      kernels::table<T>().binary(op, kernels::Stretch::kNone, left + begin, right + begin, to + begin, end - begin);
    });
  });
  return y;
}

}  // namespace recur
