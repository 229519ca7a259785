#include "recur/ops/cast.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"

namespace recur {

Tensor cast(const Tensor& x, DType dtype) {
  if (Trace* trace = tracing()) return trace->op("cast", {x}, {{"dtype", dtype}}, [&] { return cast(x, dtype); });
  if (x.dtype() == dtype) return x;
  Tensor y = x.clone(dtype);
  if (!is_floating(dtype)) return y;
  return autograd::record("cast", {x}, y,
                          [from = x.dtype()](const autograd::VjpArgs& v) { return Tensors{cast(v.grad(), from)}; });
}

}  // namespace recur
