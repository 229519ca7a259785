#include "recur/ops/softmax.h"

#include <cmath>
#include <limits>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/kernels/kernels.h"
#include "recur/ops/axis.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

using autograd::record;
using autograd::Save;
using autograd::VjpArgs;

Tensor normalize_rows(const char* name, const Tensor& x, bool logarithm) {
  Tensor y = Tensor::empty(x.shape(), x.dtype());
  const int64_t n = x.size(-1);
  if (x.numel() == 0) return y;
  dispatch_float(name, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = y.data<T>();
    parallel_for(x.numel() / n, std::max<int64_t>(1, (1 << 14) / n), [&](int64_t begin, int64_t end) {
      kernels::table<T>().softmax(from + begin * n, to + begin * n, end - begin, n, logarithm);
    });
  });
  return y;
}

// dx = y (g - sum(g y))
Tensor softmax_of_rows(const Tensor& x) {
  return record(
      "softmax", {x}, normalize_rows("softmax", x, false),
      [](const VjpArgs& v) {
        const Tensor gy = v.grad() * v.output();
        return Tensors{gy - v.output() * sum(gy, -1, true)};
      },
      Save::kOutputs);
}

// dx = g - exp(y) sum(g)
Tensor log_softmax_of_rows(const Tensor& x) {
  return record(
      "log_softmax", {x}, normalize_rows("log_softmax", x, true),
      [](const VjpArgs& v) { return Tensors{v.grad() - exp(v.output()) * sum(v.grad(), -1, true)}; }, Save::kOutputs);
}

// f needs the axis to be the last one, and f32 or f64.
Tensor along_rows(Tensor (*f)(const Tensor&), const Tensor& x, int axis) {
  axis = x.shape().normalize(axis);
  if (x.dtype() == DType::kBF16) return cast(along_rows(f, cast(x, DType::kF32), axis), DType::kBF16);
  if (axis == x.rank() - 1) return f(x);
  return transpose(f(transpose(x, axis, -1)), axis, -1);
}

// The largest element along an axis that keeps its place, 0 instead where it is infinite. No gradient.
Tensor finite_maximum(const Tensor& x, int axis) {
  Tensor top = Tensor::full(x.shape().with(axis, 1), 0, x.dtype());
  const AroundAxis around(x.shape(), axis);
  if (x.numel() == 0) return top;
  dispatch_float("logsumexp", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = top.data<T>();
    kernels::table<T>().reduce(kernels::Reduce::kMax, x.data<T>(), to, around.outer, around.n, around.inner);
    std::replace_if(
        to, to + top.numel(), [](T value) { return std::isinf(value); }, T(0));
  });
  return top;
}

Tensor log_of_sum(const Tensor& x, int axis) {
  const autograd::NoGrad no_grad;
  const Tensor top = finite_maximum(x, axis);
  return log(sum(exp(x - top), axis, /*keep_axis=*/true)) + top;
}

Tensor finite_or_zero(const Tensor& x) {
  const Tensor infinity = Tensor::scalar(std::numeric_limits<double>::infinity(), x.dtype());
  return masked_fill(x, equal(abs(x.detach()), infinity), 0);
}

}  // namespace

Tensor softmax(const Tensor& x, int axis) {
  if (Trace* trace = tracing())
    return trace->op("softmax", {x}, {{"axis", x.shape().normalize(axis)}}, [&] { return softmax(x, axis); });
  return along_rows(softmax_of_rows, x, axis);
}
Tensor log_softmax(const Tensor& x, int axis) {
  if (Trace* trace = tracing())
    return trace->op("log_softmax", {x}, {{"axis", x.shape().normalize(axis)}}, [&] { return log_softmax(x, axis); });
  return along_rows(log_softmax_of_rows, x, axis);
}

// dx = g softmax(x) = g exp(x - y)
Tensor logsumexp(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("logsumexp", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return logsumexp(x, axis, keep_axis); });
  axis = x.shape().normalize(axis);
  if (x.dtype() == DType::kBF16) return cast(logsumexp(cast(x, DType::kF32), axis, keep_axis), DType::kBF16);
  const Tensor y = record(
      "logsumexp", {x}, log_of_sum(x, axis),
      [x](const VjpArgs& v) { return Tensors{v.grad() * exp(x - finite_or_zero(v.output()))}; }, Save::kOutputs);
  return keep_axis ? y : reshape(y, x.shape().erased(axis));
}

}  // namespace recur
