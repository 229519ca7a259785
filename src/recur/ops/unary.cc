#include "recur/ops/unary.h"

#include <numbers>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/elementwise.h"

namespace recur {
namespace {

using autograd::record;
using autograd::Save;
using autograd::VjpArgs;
using kernels::Binary;
using kernels::Unary;

// Computes y = f(x) and records `vjp`, which gives dx from the gradient g and whichever of x and y it names.
// `self` is the op: bf16 goes through it once more in f32, so that what a vjp names is in f32 too.
template <class F>
Tensor unary(const char* name, Tensor (*self)(const Tensor&), Unary op, const Tensor& x, F vjp,
             Save save = Save::kNothing) {
  if (Trace* trace = tracing()) return trace->op(name, {x}, {}, [&] { return self(x); });
  if (x.dtype() == DType::kBF16) return cast(self(cast(x, DType::kF32)), DType::kBF16);
  return record(
      name, {x}, map_elements(name, op, x), [vjp](const VjpArgs& v) { return Tensors{vjp(v)}; }, save);
}

}  // namespace

// What to multiply the gradient with, from x (captured where needed) or from the output.
Tensor neg(const Tensor& x) {
  return unary("neg", recur::neg, Unary::kNeg, x, [](const VjpArgs& v) { return -v.grad(); });
}
Tensor exp(const Tensor& x) {
  return unary(
      "exp", recur::exp, Unary::kExp, x, [](const VjpArgs& v) { return v.grad() * v.output(); }, Save::kOutputs);
}
Tensor log(const Tensor& x) {
  return unary("log", recur::log, Unary::kLog, x, [x](const VjpArgs& v) { return v.grad() / x; });
}
Tensor sqrt(const Tensor& x) {
  return unary(
      "sqrt", recur::sqrt, Unary::kSqrt, x, [](const VjpArgs& v) { return v.grad() / (v.output() * 2); },
      Save::kOutputs);
}
Tensor abs(const Tensor& x) {
  return unary("abs", recur::abs, Unary::kAbs, x, [x](const VjpArgs& v) { return v.grad() * sign(x); });
}
Tensor sign(const Tensor& x) {
  return unary("sign", recur::sign, Unary::kSign, x, [](const VjpArgs&) { return Tensor(); });
}
Tensor reciprocal(const Tensor& x) {
  return unary(
      "reciprocal", recur::reciprocal, Unary::kReciprocal, x,
      [](const VjpArgs& v) { return -v.grad() * square(v.output()); }, Save::kOutputs);
}
Tensor square(const Tensor& x) {
  return unary("square", recur::square, Unary::kSquare, x, [x](const VjpArgs& v) { return v.grad() * x * 2; });
}
Tensor sigmoid(const Tensor& x) {
  return unary(
      "sigmoid", recur::sigmoid, Unary::kSigmoid, x,
      [](const VjpArgs& v) {
        if (!autograd::recording()) return zip_elements("sigmoid", Binary::kSigmoidGrad, v.grad(), v.output());
        return v.grad() * v.output() * (1 - v.output());
      },
      Save::kOutputs);
}
Tensor tanh(const Tensor& x) {
  return unary(
      "tanh", recur::tanh, Unary::kTanh, x,
      [](const VjpArgs& v) {
        if (!autograd::recording()) return zip_elements("tanh", Binary::kTanhGrad, v.grad(), v.output());
        return v.grad() * (1 - square(v.output()));
      },
      Save::kOutputs);
}
Tensor relu(const Tensor& x) {
  return unary("relu", recur::relu, Unary::kRelu, x, [x](const VjpArgs& v) {
    if (!autograd::recording()) return zip_elements("relu", Binary::kReluGrad, v.grad(), x);
    return v.grad() * step(x);
  });
}
Tensor step(const Tensor& x) {
  if (Trace* trace = tracing()) return trace->op("step", {x}, {}, [&] { return step(x); });
  return less(Tensor::scalar(0, x.dtype()), x);
}
Tensor softplus(const Tensor& x) {
  return unary("softplus", recur::softplus, Unary::kSoftplus, x,
               [x](const VjpArgs& v) { return v.grad() * sigmoid(x); });
}
Tensor sin(const Tensor& x) {
  return unary("sin", recur::sin, Unary::kSin, x, [x](const VjpArgs& v) { return v.grad() * cos(x); });
}
Tensor cos(const Tensor& x) {
  return unary("cos", recur::cos, Unary::kCos, x, [x](const VjpArgs& v) { return -v.grad() * sin(x); });
}
Tensor erf(const Tensor& x) {
  const double scale = 2 * std::numbers::inv_sqrtpi;
  return unary("erf", recur::erf, Unary::kErf, x,
               [x, scale](const VjpArgs& v) { return v.grad() * exp(-square(x)) * scale; });
}

}  // namespace recur
