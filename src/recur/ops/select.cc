#include "recur/ops/select.h"

#include <cmath>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

// One byte an element: 1 where the mask is not 0.
Tensor as_bytes(const Tensor& mask) {
  if (mask.dtype() == DType::kU8) return mask;
  Tensor bytes = Tensor::empty(mask.shape(), DType::kU8);
  dispatch(mask.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto values = mask.values<T>();
    std::transform(values.begin(), values.end(), bytes.data<uint8_t>(),
                   [](T value) { return static_cast<uint8_t>(static_cast<float>(value) != 0); });
  });
  return bytes;
}

// All three of one shape.
Tensor select(const Tensor& mask, const Tensor& a, const Tensor& b) {
  Tensor y = Tensor::empty(a.shape(), a.dtype());
  dispatch(a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const uint8_t* m = mask.data<uint8_t>();
    const T* pa = a.data<T>();
    const T* pb = b.data<T>();
    T* py = y.data<T>();
    parallel_for(y.numel(), 1 << 16, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) py[i] = m[i] != 0 ? pa[i] : pb[i];
    });
  });
  return record("where", {a, b}, y, [mask](const VjpArgs& v) {
    const Tensor g = v.grad(), none = Tensor::zeros(g.shape(), g.dtype());
    return Tensors{v.needs(0) ? select(mask, g, none) : Tensor(), v.needs(1) ? select(mask, none, g) : Tensor()};
  });
}

}  // namespace

Tensor where(const Tensor& mask, const Tensor& a, const Tensor& b) {
  if (Trace* trace = tracing()) return trace->op("where", {mask, a, b}, {}, [&] { return where(mask, a, b); });
  if (a.dtype() != b.dtype()) fail("where: operands are {} and {}", name_of(a.dtype()), name_of(b.dtype()));
  const Shape shape = broadcast("where", mask.shape(), broadcast("where", a.shape(), b.shape()));
  return select(broadcast_to(as_bytes(mask), shape), broadcast_to(a, shape), broadcast_to(b, shape));
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, double value) {
  if (Trace* trace = tracing())
    return trace->op("masked_fill", {x, mask}, {{"value", value}}, [&] { return masked_fill(x, mask, value); });
  if (broadcast("masked_fill", x.shape(), mask.shape()) != x.shape())
    fail("masked_fill: mask {} cannot be broadcast to {}", mask.shape().str(), x.shape().str());
  return where(mask, Tensor::scalar(value, x.dtype()), x);
}

Tensor clamp(const Tensor& x, double low, double high) {
  if (Trace* trace = tracing())
    return trace->op("clamp", {x}, {{"low", low}, {"high", high}}, [&] { return clamp(x, low, high); });
  if (std::isnan(low) || std::isnan(high) || low > high) fail("clamp: expected low <= high, got {} and {}", low, high);
  return maximum(minimum(x, Tensor::scalar(high, x.dtype())), Tensor::scalar(low, x.dtype()));
}

}  // namespace recur
