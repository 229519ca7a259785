#include "recur/ops/flip.h"

#include <cstring>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/axis.h"

namespace recur {

Tensor flip(const Tensor& x, int axis) {
  if (Trace* trace = tracing())
    return trace->op("flip", {x}, {{"axis", x.shape().normalize(axis)}}, [&] { return flip(x, axis); });
  const AroundAxis around(x.shape(), axis);
  const size_t step = static_cast<size_t>(around.inner) * item_size(x.dtype());
  Tensor y = Tensor::empty(x.shape(), x.dtype());
  const std::byte* from = x.bytes();
  std::byte* to = y.bytes();
  for (int64_t o = 0; step > 0 && o < around.outer; ++o)
    for (int64_t k = 0; k < around.n; ++k)
      std::memcpy(to + (o * around.n + k) * step, from + (o * around.n + around.n - 1 - k) * step, step);
  return autograd::record("flip", {x}, y, [axis](const autograd::VjpArgs& v) { return Tensors{flip(v.grad(), axis)}; });
}

}  // namespace recur
