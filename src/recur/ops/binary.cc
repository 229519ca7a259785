#include "recur/ops/binary.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
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

constexpr int64_t kGrain = 1 << 16;  // elements that a thread takes at a time

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
    const auto part = [&](int64_t ia, int64_t ib, int64_t iy, int64_t n) {
      kernel(op, plan.stretch, pa + ia, pb + ib, py + iy, n);
    };
    if (plan.rows() == 1) {
      parallel_for(plan.row, kGrain, [&](int64_t begin, int64_t end) {
        part(plan.stretch == kernels::Stretch::kLeft ? 0 : begin, plan.stretch == kernels::Stretch::kRight ? 0 : begin,
             begin, end - begin);
      });
      return;
    }
    parallel_for(plan.rows(), std::max<int64_t>(1, kGrain / plan.row), [&](int64_t begin, int64_t end) {
      plan.for_each_row(begin, end, [&](int64_t ia, int64_t ib, int64_t iy) { part(ia, ib, iy, plan.row); });
    });
  });
  return y;
}

using BinaryOp = Tensor (*)(const Tensor&, const Tensor&);

// vjp gives the gradients before broadcasting is undone. `self` is the op: bf16 goes through it once more in f32, so
// that what a vjp names is in f32 too.
template <class F>
Tensor binary(const char* name, BinaryOp self, Binary op, const Tensor& a, const Tensor& b, F vjp,
              Save save = Save::kNothing) {
  if (Trace* trace = tracing()) return trace->op(name, {a, b}, {}, [&] { return self(a, b); });
  if (a.dtype() == DType::kBF16 && b.dtype() == DType::kBF16)
    return cast(self(cast(a, DType::kF32), cast(b, DType::kF32)), DType::kBF16);
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
  return binary("add", recur::add, Binary::kAdd, a, b, [](const VjpArgs& v) { return Pair{v.grad(), v.grad()}; });
}

Tensor sub(const Tensor& a, const Tensor& b) {
  return binary("sub", recur::sub, Binary::kSub, a, b, [](const VjpArgs& v) {
    return Pair{v.grad(), if_needed(v, 1, [&] { return -v.grad(); })};
  });
}

Tensor mul(const Tensor& a, const Tensor& b) {
  return binary("mul", recur::mul, Binary::kMul, a, b, [a, b](const VjpArgs& v) {
    return Pair{if_needed(v, 0, [&] { return v.grad() * b; }), if_needed(v, 1, [&] { return v.grad() * a; })};
  });
}

Tensor div(const Tensor& a, const Tensor& b) {
  return binary(
      "div", recur::div, Binary::kDiv, a, b,
      [b](const VjpArgs& v) {
        return Pair{if_needed(v, 0, [&] { return v.grad() / b; }),
                    if_needed(v, 1, [&] { return -v.grad() * v.output() / b; })};
      },
      Save::kOutputs);
}

Tensor maximum(const Tensor& a, const Tensor& b) {
  return binary("maximum", recur::maximum, Binary::kMax, a, b, [a, b](const VjpArgs& v) {
    const Tensor from_b = less(a.detach(), b.detach());
    return Pair{if_needed(v, 0, [&] { return v.grad() * (1 - from_b); }),
                if_needed(v, 1, [&] { return v.grad() * from_b; })};
  });
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  return binary("minimum", recur::minimum, Binary::kMin, a, b, [a, b](const VjpArgs& v) {
    const Tensor from_b = less(b.detach(), a.detach());
    return Pair{if_needed(v, 0, [&] { return v.grad() * (1 - from_b); }),
                if_needed(v, 1, [&] { return v.grad() * from_b; })};
  });
}

Tensor pow(const Tensor& x, double exponent) {
  if (Trace* trace = tracing())
    return trace->op("pow", {x}, {{"exponent", exponent}}, [&] { return pow(x, exponent); });
  if (x.dtype() == DType::kBF16) return cast(pow(cast(x, DType::kF32), exponent), DType::kBF16);
  const Tensor power = Tensor::scalar(exponent, x.dtype());
  return binary("pow", nullptr, Binary::kPow, x, power, [x, exponent](const VjpArgs& v) {
    return Pair{exponent == 0 ? Tensor() : v.grad() * pow(x, exponent - 1) * exponent, Tensor()};
  });
}

Tensor equal(const Tensor& a, const Tensor& b) {
  if (Trace* trace = tracing()) return trace->op("equal", {a, b}, {}, [&] { return equal(a, b); });
  return comparison("equal", Binary::kEqual, a, b);
}
Tensor less(const Tensor& a, const Tensor& b) {
  if (Trace* trace = tracing()) return trace->op("less", {a, b}, {}, [&] { return less(a, b); });
  return comparison("less", Binary::kLess, a, b);
}

}  // namespace recur
