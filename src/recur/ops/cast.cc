#include "recur/ops/cast.h"

#include "recur/autograd/node.h"

namespace recur {

Tensor cast(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  Tensor y = x.clone(dtype);
  if (!is_floating(dtype)) return y;
  return autograd::record("cast", {x}, y,
                          [from = x.dtype()](const autograd::VjpArgs& v) { return Tensors{cast(v.grad(), from)}; });
}

}  // namespace recur
