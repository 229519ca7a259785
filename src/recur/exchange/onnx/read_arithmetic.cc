// Operators of ONNX element by element, and along axes.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "recur/exchange/onnx/read_ops.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/reduce.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur::onnx::reading {
namespace {

template <Tensor (*kOp)(const Tensor&)>
Values unary(In call) {
  return {Value(kOp(call.tensor(0)))};
}

template <class F>
Tensor in_reals(In call, const Tensor& a, const Tensor& b, F&& f) {
  if (a.dtype() != b.dtype())
    call.fail_node(fmt::format("operands are {} and {}", name_of(a.dtype()), name_of(b.dtype())));
  const Tensor y = f(as_real(a), as_real(b));
  return is_floating(a.dtype()) ? y : cast(y, a.dtype());
}

// Of numbers that the program knows: broadcast is that of a list with one number.
template <class F>
Value of_numbers(In call, F&& f) {
  const Numbers a = call.numbers(0), b = call.numbers(1);
  const size_t count = std::max(a.size(), b.size());
  if ((a.size() != count && a.size() != 1) || (b.size() != count && b.size() != 1))
    call.fail_node(fmt::format("{} numbers and {}", a.size(), b.size()));
  Numbers y;
  for (size_t k = 0; k < count; ++k) {
    int64_t one = 0;
    if (!f(a[a.size() == 1 ? 0 : k], b[b.size() == 1 ? 0 : k], &one)) call.fail_node("a size out of range");
    y.push_back(one);
  }
  return Value::known(std::move(y), call[0].is_scalar && call[1].is_scalar);
}

bool add_numbers(int64_t a, int64_t b, int64_t* y) { return !__builtin_add_overflow(a, b, y); }
bool sub_numbers(int64_t a, int64_t b, int64_t* y) { return !__builtin_sub_overflow(a, b, y); }
bool mul_numbers(int64_t a, int64_t b, int64_t* y) { return !__builtin_mul_overflow(a, b, y); }
bool div_numbers(int64_t a, int64_t b, int64_t* y) {
  if (b == 0 || b == -1) return b == -1 && !__builtin_sub_overflow(int64_t{0}, a, y);
  *y = a / b;
  return true;
}

using OfNumbers = bool (*)(int64_t, int64_t, int64_t*);
template <Tensor (*kOp)(const Tensor&, const Tensor&), OfNumbers kOfNumbers>
Values arithmetic(In call) {
  if (call.size() == 2 && call.are_numbers()) return {of_numbers(call, kOfNumbers)};
  return {Value(in_reals(call, call.tensor(0), call.tensor(1), kOp))};
}

// Of any number of operands.
template <Tensor (*kOp)(const Tensor&, const Tensor&)>
Values of_all(In call) {
  Tensor y = call.tensor(0);
  for (size_t k = 1; k < call.size(); ++k) y = in_reals(call, y, call.tensor(k), kOp);
  return {Value(y)};
}

Tensor truth(const Tensor& x) { return cast(x, DType::kU8); }
Tensor opposite(const Tensor& x) { return 1.0 - cast(x, DType::kF32); }

// less(a, b), or with the operands exchanged, and its opposite. NaN compares as false where there is no opposite.
template <bool kExchanged, bool kOpposite>
Values compare(In call) {
  Tensor a = as_real(call.tensor(0)), b = as_real(call.tensor(1));
  if constexpr (kExchanged) std::swap(a, b);
  const Tensor y = less(a, b);
  return {Value::boolean(truth(kOpposite ? opposite(y) : y))};
}

Values equality(In call) { return {Value::boolean(truth(equal(as_real(call.tensor(0)), as_real(call.tensor(1)))))}; }

Values negation(In call) { return {Value::boolean(truth(opposite(call.tensor(0))))}; }

template <Tensor (*kOp)(const Tensor&, const Tensor&)>
Values logical(In call) {
  return {Value::boolean(truth(kOp(cast(call.tensor(0), DType::kF32), cast(call.tensor(1), DType::kF32))))};
}

Values power(In call) {
  const Value& exponent = call[1];
  if (!exponent.is_constant || !exponent.tensor.defined() || exponent.tensor.numel() != 1)
    call.fail_node("the exponent: expected one constant");
  return {Value(pow(call.tensor(0), exponent.tensor.item()))};
}

Values select(In call) { return {Value(where(call.tensor(0), call.tensor(1), call.tensor(2)))}; }

Values convert(In call) {
  const auto type = static_cast<ElementType>(call.needed_integer("to"));
  const DType dtype = dtype_of(type, "Cast");
  if (call[0].numbers && dtype == DType::kI64) return {call[0]};
  if (type != ElementType::kBool) return {Value(cast(call.tensor(0), dtype))};
  if (call[0].is_bool) return {call[0]};
  const Tensor x = as_real(call.tensor(0));
  return {Value::boolean(truth(1.0 - equal(x, Tensor::scalar(0, x.dtype()))))};
}

Values identity(In call) { return {call[0]}; }

Values clip(In call) {
  const auto bound = [&](size_t k, const char* name, double usual) -> double {
    if (call.gives(name)) return call.real(name, 0);
    if (!call.has(k)) return usual;
    if (!call[k].is_constant) call.fail_node("bounds that are not constant are not supported");
    return call.tensor(k).item();
  };
  constexpr double kMost = std::numeric_limits<double>::infinity();
  return {Value(clamp(call.tensor(0), bound(1, "min", -kMost), bound(2, "max", kMost)))};
}

Values leaky(In call) { return {Value(leaky_relu(call.tensor(0), call.real("alpha", 0.01F)))}; }
Values elu_of(In call) { return {Value(elu(call.tensor(0), call.real("alpha", 1)))}; }

Values prelu(In call) {
  const Tensor x = call.tensor(0);
  return {Value(relu(x) - call.tensor(1) * relu(neg(x)))};
}

// max(0, x) + min(0, alpha (e^(x / alpha) - 1))
Values celu(In call) {
  const double alpha = call.real("alpha", 1);
  return {Value(elu(call.tensor(0) * (1 / alpha)) * alpha)};
}

Values hard(In call) {
  const Tensor x = call.tensor(0);
  return {Value(clamp(x * double{call.real("alpha", 0.2F)} + double{call.real("beta", 0.5F)}, 0, 1))};
}

Values gelu_of(In call) {
  const std::string approximate = call.text("approximate", "none");
  if (approximate == "tanh") return {Value(gelu_tanh(call.tensor(0)))};
  if (approximate != "none") call.fail_node("approximate: expected none or tanh");
  return {Value(gelu(call.tensor(0)))};
}

// --- along axes ---

template <Tensor (*kOp)(const Tensor&, int, bool)>
Values reduce(In call) {
  Tensor x = call.tensor(0);
  const bool integers = !is_floating(x.dtype());
  const DType dtype = x.dtype();
  if (integers) x = cast(x, DType::kF64);
  Numbers axes = call.axes(1, {});
  if (axes.empty()) {
    if (call.integer("noop_with_empty_axes", 0) != 0) return {call[0]};
    axes.resize(static_cast<size_t>(x.rank()));
    std::iota(axes.begin(), axes.end(), 0);
  }
  axes = axes_in(call, std::move(axes), x.rank());
  const bool keep = call.integer("keepdims", 1) != 0;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) x = kOp(x, static_cast<int>(*axis), keep);
  return {Value(integers ? cast(x, dtype) : x)};
}

template <Tensor (*kOp)(const Tensor&, int, bool)>
Values position(In call) {
  if (call.integer("select_last_index", 0) != 0) call.fail_node("select_last_index is not supported");
  return {Value(cast(kOp(call.tensor(0), static_cast<int>(call.integer("axis", 0)), call.integer("keepdims", 1) != 0),
                     DType::kI64))};
}

Values running_sum(In call) {
  if (call.integer("exclusive", 0) != 0) call.fail_node("exclusive is not supported");
  return {Value(cumsum(call.tensor(0), static_cast<int>(call.number(1)), call.integer("reverse", 0) != 0))};
}

template <Tensor (*kOp)(const Tensor&, int)>
Values soft(In call) {
  const Tensor x = call.tensor(0);
  const int64_t axis = axis_in(call, call.integer("axis", call.opset() < 13 ? 1 : -1), x.rank());
  // Before opset 13 all axes from this one on were one.
  if (call.opset() < 13 && axis != x.rank() - 1) call.fail_node("before opset 13: expected the last axis");
  return {Value(kOp(x, static_cast<int>(axis)))};
}

// clang-format off: a line an operator
constexpr Operator kOperatorsOfArithmetic[] = {
    {"Abs", unary<abs>},
    {"Add", arithmetic<add, add_numbers>},
    {"And", logical<minimum>},
    {"ArgMax", position<argmax>},
    {"ArgMin", position<argmin>},
    {"Cast", convert},
    {"Celu", celu},
    {"Clip", clip},
    {"Cos", unary<cos>},
    {"CumSum", running_sum},
    {"Div", arithmetic<div, div_numbers>},
    {"Dropout", identity},
    {"Elu", elu_of},
    {"Equal", equality},
    {"Erf", unary<erf>},
    {"Exp", unary<exp>},
    {"Gelu", gelu_of},
    {"Greater", compare<true, false>},
    {"GreaterOrEqual", compare<false, true>},
    {"HardSigmoid", hard},
    {"Identity", identity},
    {"LeakyRelu", leaky},
    {"Less", compare<false, false>},
    {"LessOrEqual", compare<true, true>},
    {"Log", unary<log>},
    {"LogSoftmax", soft<log_softmax>},
    {"Max", of_all<maximum>},
    {"Min", of_all<minimum>},
    {"Mul", arithmetic<mul, mul_numbers>},
    {"Neg", unary<neg>},
    {"Not", negation},
    {"Or", logical<maximum>},
    {"PRelu", prelu},
    {"Pow", power},
    {"Reciprocal", unary<reciprocal>},
    {"ReduceLogSumExp", reduce<logsumexp>},
    {"ReduceMax", reduce<max>},
    {"ReduceMean", reduce<mean>},
    {"ReduceMin", reduce<min>},
    {"ReduceSum", reduce<sum>},
    {"Relu", unary<relu>},
    {"Sigmoid", unary<sigmoid>},
    {"Sign", unary<sign>},
    {"Sin", unary<sin>},
    {"Softmax", soft<softmax>},
    {"Softplus", unary<softplus>},
    {"Sqrt", unary<sqrt>},
    {"Sub", arithmetic<sub, sub_numbers>},
    {"Tanh", unary<tanh>},
    {"Where", select},
};
// clang-format on

}  // namespace

std::span<const Operator> arithmetic_operators() { return kOperatorsOfArithmetic; }

}  // namespace recur::onnx::reading
