#include "recur/ops/broadcast.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/reshape.h"
#include "recur/ops/strides.h"
#include "recur/ops/sum.h"

namespace recur {

using autograd::record;
using autograd::VjpArgs;

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  if (Trace* trace = tracing())
    return trace->op("broadcast_to", {x}, {{"shape", shape}}, [&] { return broadcast_to(x, shape); });
  if (x.shape() == shape) return x;
  if (broadcast("broadcast_to", x.shape(), shape) != shape)
    fail("broadcast_to: {} cannot be broadcast to {}", x.shape().str(), shape.str());
  Tensor y = Tensor::empty(shape, x.dtype());
  if (y.numel() > 0) {
    const BroadcastPlan plan(x.shape(), shape, shape);
    dispatch(x.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* from = std::as_const(x).template data<T>();
      T* to = y.data<T>();
      const bool repeated = plan.stretch == kernels::Stretch::kLeft;
      plan.for_each_row([&](int64_t ix, int64_t, int64_t iy) {
        if (repeated)
          std::fill(to + iy, to + iy + plan.row, from[ix]);
        else
          std::copy(from + ix, from + ix + plan.row, to + iy);
      });
    });
  }
  return record("broadcast_to", {x}, y,
                [from = x.shape()](const VjpArgs& v) { return Tensors{sum_to(v.grad(), from)}; });
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (Trace* trace = tracing()) return trace->op("sum_to", {x}, {{"shape", shape}}, [&] { return sum_to(x, shape); });
  Tensor y = x;
  for (int axis = 0; axis < y.rank(); ++axis) {
    const int in_target = axis - (x.rank() - shape.rank());
    const bool was_repeated = in_target < 0 || (shape[in_target] == 1 && x.size(axis) != 1);
    if (was_repeated) y = sum(y, axis, /*keep_axis=*/true);
  }
  return reshape(y, shape);
}

}  // namespace recur
