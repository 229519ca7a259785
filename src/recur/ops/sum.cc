#include "recur/ops/sum.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/kernels/kernels.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"

namespace recur {

using autograd::record;
using autograd::VjpArgs;

Tensor sum(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("sum", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return sum(x, axis, keep_axis); });
  axis = x.shape().normalize(axis);
  if (x.dtype() == DType::kBF16) return cast(sum(cast(x, DType::kF32), axis, keep_axis), DType::kBF16);
  const Shape kept = x.shape().with(axis, 1);
  Tensor y = Tensor::zeros(keep_axis ? kept : x.shape().erased(axis), x.dtype());
  const int64_t inner = x.shape().stride(axis), n = x.size(axis);
  if (x.numel() > 0)
    dispatch_float("sum", x.dtype(), [&](auto zero) {
      using T = decltype(zero);
      kernels::table<T>().reduce(kernels::Reduce::kSum, std::as_const(x).template data<T>(), y.data<T>(),
                                 x.numel() / n / inner, n, inner);
    });
  return record("sum", {x}, y, [from = x.shape(), kept](const VjpArgs& v) {
    return Tensors{broadcast_to(reshape(v.grad(), kept), from)};
  });
}

Tensor sum(const Tensor& x) { return sum(reshape(x, {x.numel()}), 0); }

Tensor mean(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("mean", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return mean(x, axis, keep_axis); });
  if (x.size(axis) == 0) fail("mean: axis {} of {} is empty", axis, x.shape().str());
  return sum(x, axis, keep_axis) / static_cast<double>(x.size(axis));
}

Tensor mean(const Tensor& x) { return mean(reshape(x, {x.numel()}), 0); }

}  // namespace recur
