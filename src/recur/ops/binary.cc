#include "recur/ops/binary.h"

#include "recur/autograd/node.h"
#include "recur/kernels/kernels.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/strides.h"

namespace recur {
namespace {

using autograd::record;
using autograd::Save;
using autograd::VjpArgs;
using kernels::Binary;

Tensor compute(const char* name, Binary op, const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype()) fail("{}: operands are {} and {}", name, name_of(a.dtype()), name_of(b.dtype()));
  const Shape shape = broadcast(name, a.shape(), b.shape());
  Tensor y = Tensor::empty(shape, a.dtype());
  if (y.numel() == 0) return y;
  const BroadcastPlan plan(a.shape(), b.shape(), shape);
  dispatch_float(name, a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* pa = a.data<T>();
    const T* pb = b.data<T>();
    T* py = y.data<T>();
    const auto kernel = kernels::table<T>().binary;
    plan.for_each_row(
        [&](int64_t ia, int64_t ib, int64_t iy) { kernel(op, plan.stretch, pa + ia, pb + ib, py + iy, plan.row); });
  });
  return y;
}

// vjp(v, a, b) gives the gradients before broadcasting is undone.
template <class F>
Tensor binary(const char* name, Binary op, const Tensor& a, const Tensor& b, F vjp, Save save = Save::kNothing) {
  if (a.dtype() == DType::kBF16 && b.dtype() == DType::kBF16)
    return cast(binary(name, op, cast(a, DType::kF32), cast(b, DType::kF32), vjp, save), DType::kBF16);
  return record(
      name, {a, b}, compute(name, op, a, b),
      [vjp, shape_a = a.shape(), shape_b = b.shape()](const VjpArgs& v) {
        auto [ga, gb] = vjp(v);
        return Tensors{ga.defined() ? sum_to(ga, shape_a) : ga, gb.defined() ? sum_to(gb, shape_b) : gb};
      },
      save);
}

using Pair = std::pair<Tensor, Tensor>;

Tensor if_needed(const VjpArgs& v, int input, auto&& make) { return v.needs(input) ? make() : Tensor(); }

Tensor comparison(const char* name, Binary op, const Tensor& a, const Tensor& b) {
  if (a.dtype() == DType::kBF16) return comparison(name, op, cast(a, DType::kF32), cast(b, DType::kF32));
  return compute(name, op, a, b);
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  return binary("add", Binary::kAdd, a, b, [](const VjpArgs& v) { return Pair{v.grad(), v.grad()}; });
}

Tensor sub(const Tensor& a, const Tensor& b) {
  return binary("sub", Binary::kSub, a, b, [](const VjpArgs& v) {
    return Pair{v.grad(), if_needed(v, 1, [&] { return -v.grad(); })};
  });
}

Tensor mul(const Tensor& a, const Tensor& b) {
  return binary("mul", Binary::kMul, a, b, [a, b](const VjpArgs& v) {
    return Pair{if_needed(v, 0, [&] { return v.grad() * b; }), if_needed(v, 1, [&] { return v.grad() * a; })};
  });
}

Tensor div(const Tensor& a, const Tensor& b) {
  return binary(
      "div", Binary::kDiv, a, b,
      [b](const VjpArgs& v) {
        return Pair{if_needed(v, 0, [&] { return v.grad() / b; }),
                    if_needed(v, 1, [&] { return -v.grad() * v.output() / b; })};
      },
      Save::kOutputs);
}

Tensor maximum(const Tensor& a, const Tensor& b) {
  return binary("maximum", Binary::kMax, a, b, [a, b](const VjpArgs& v) {
    const Tensor from_b = less(a.detach(), b.detach());
    return Pair{v.grad() * (1 - from_b), v.grad() * from_b};
  });
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  return binary("minimum", Binary::kMin, a, b, [a, b](const VjpArgs& v) {
    const Tensor from_b = less(b.detach(), a.detach());
    return Pair{v.grad() * (1 - from_b), v.grad() * from_b};
  });
}

Tensor pow(const Tensor& x, double exponent) {
  const Tensor power = Tensor::scalar(exponent, x.dtype());
  return binary("pow", Binary::kPow, x, power, [x, exponent](const VjpArgs& v) {
    return Pair{exponent == 0 ? Tensor() : v.grad() * pow(x, exponent - 1) * exponent, Tensor()};
  });
}

Tensor equal(const Tensor& a, const Tensor& b) { return comparison("equal", Binary::kEqual, a, b); }
Tensor less(const Tensor& a, const Tensor& b) { return comparison("less", Binary::kLess, a, b); }

}  // namespace recur
