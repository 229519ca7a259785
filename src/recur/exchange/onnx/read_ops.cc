// What the operators of ONNX are in Recur. https://onnx.ai/onnx/operators has what they mean.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "recur/exchange/onnx/program.h"
#include "recur/ops/activations.h"
#include "recur/ops/batch_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/conv.h"
#include "recur/ops/embedding.h"
#include "recur/ops/flip.h"
#include "recur/ops/gather.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/pad.h"
#include "recur/ops/pool.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur::onnx {
namespace reading {  // apart from the names of the other files of this folder
namespace {

using In = const Call&;
using Numbers = std::vector<int64_t>;

// More elements than any model needs where a file asks for them in a few bytes.
constexpr int64_t kMostElements = int64_t{1} << 31;

Shape shape_from(In call, const Numbers& sizes) {
  if (std::ssize(sizes) > Shape::kMaxRank) call.fail_node(fmt::format("a shape of {} axes", sizes.size()));
  int64_t count = 1;
  for (const int64_t size : sizes)
    if (size < 0 || __builtin_mul_overflow(count, std::max<int64_t>(size, 1), &count) || count > kMostElements)
      call.fail_node(fmt::format("impossible sizes [{}]", fmt::join(sizes, ", ")));
  return Shape(std::span<const int64_t>(sizes));
}

int64_t axis_in(In call, int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) call.fail_node(fmt::format("axis {} of a tensor of {} axes", axis, rank));
  return axis < 0 ? axis + rank : axis;
}

Numbers axes_in(In call, Numbers axes, int64_t rank) {
  for (int64_t& axis : axes) axis = axis_in(call, axis, rank);
  std::ranges::sort(axes);
  if (std::ranges::adjacent_find(axes) != axes.end()) call.fail_node("an axis twice");
  return axes;
}

// --- elementwise ---

template <Tensor (*kOp)(const Tensor&)>
Values unary(In call) {
  return {Value(kOp(call.tensor(0)))};
}

// Recur's arithmetic is of real numbers: integers are exact in f64.
Tensor as_real(const Tensor& x) { return is_floating(x.dtype()) ? x : cast(x, DType::kF64); }

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
    if (!call[k].is_constant) call.fail_node("bounds that are no constants are not supported");
    return call.tensor(k).item();
  };
  constexpr double kMost = std::numeric_limits<double>::infinity();
  return {Value(clamp(call.tensor(0), bound(1, "min", -kMost), bound(2, "max", kMost)))};
}

Values leaky(In call) { return {Value(leaky_relu(call.tensor(0), call.real("alpha", 0.01F)))}; }
Values elu_of(In call) { return {Value(elu(call.tensor(0), call.real("alpha", 1)))}; }

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

// --- shapes ---

Values shape_op(In call) {
  if (call[0].numbers && !call[0].tensor.defined()) call.fail_node("the shape of a shape is not supported");
  const Shape shape = call.tensor(0).shape();
  const int64_t rank = shape.rank();
  const auto bound = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t begin = bound(call.integer("start", 0)), end = std::max(begin, bound(call.integer("end", rank)));
  return {Value::known(Numbers(shape.begin() + begin, shape.begin() + end))};
}

Values reshape_op(In call) {
  const Tensor x = call.tensor(0);
  Numbers sizes = call.numbers(1);
  if (call.integer("allowzero", 0) == 0)
    for (size_t k = 0; k < sizes.size(); ++k)
      if (sizes[k] == 0) {
        if (static_cast<int>(k) >= x.rank()) call.fail_node("a size of 0 beyond the axes of the input");
        sizes[k] = x.size(static_cast<int>(k));
      }
  if (std::ssize(sizes) > Shape::kMaxRank) call.fail_node(fmt::format("a shape of {} axes", sizes.size()));
  return {Value(reshape(x, Shape(std::span<const int64_t>(sizes))))};
}

Values flatten(In call) {
  const Tensor x = call.tensor(0);
  int64_t axis = call.integer("axis", 1), rows = 1, columns = 1;
  if (axis < 0) axis += x.rank();
  if (axis < 0 || axis > x.rank()) call.fail_node(fmt::format("axis {} of a tensor of {} axes", axis, x.rank()));
  for (int k = 0; k < x.rank(); ++k) (k < axis ? rows : columns) *= x.size(k);
  return {Value(reshape(x, {rows, columns}))};
}

Values squeeze(In call) {
  if (call[0].numbers) {
    if (call.numbers(0).size() != 1) call.fail_node("expected one number");
    return {Value::known(call.numbers(0), true)};
  }
  const Tensor x = call.tensor(0);
  Numbers axes = call.axes(1, {}), left;
  if (axes.empty())
    for (int k = 0; k < x.rank(); ++k)
      if (x.size(k) == 1) axes.push_back(k);
  axes = axes_in(call, std::move(axes), x.rank());
  for (int k = 0; k < x.rank(); ++k) {
    const bool taken = std::ranges::find(axes, k) != axes.end();
    if (taken && x.size(k) != 1) call.fail_node(fmt::format("axis {} of {} is not 1", k, x.shape().str()));
    if (!taken) left.push_back(x.size(k));
  }
  return {Value(reshape(x, Shape(std::span<const int64_t>(left))))};
}

Values unsqueeze(In call) {
  Numbers axes = call.axes(1, {});
  if (call[0].numbers && call[0].is_scalar && axes.size() == 1) return {Value::known(call.numbers(0))};
  const Tensor x = call.tensor(0);
  const int64_t rank = x.rank() + std::ssize(axes);
  if (rank > Shape::kMaxRank) call.fail_node(fmt::format("a result of {} axes", rank));
  axes = axes_in(call, std::move(axes), rank);
  Shape shape = x.shape();
  for (const int64_t axis : axes) shape = shape.inserted(static_cast<int>(axis), 1);
  return {Value(reshape(x, shape))};
}

Values expand(In call) {
  const Tensor x = call.tensor(0);
  return {Value(broadcast_to(x, broadcast("Expand", x.shape(), shape_from(call, call.numbers(1)))))};
}

Values transpose_op(In call) {
  const Tensor x = call.tensor(0);
  Numbers perm = call.integers("perm");
  if (perm.empty())
    for (int k = x.rank(); k > 0; --k) perm.push_back(k - 1);
  if (std::ssize(perm) != x.rank()) call.fail_node("perm: expected a number for each axis");
  return {Value(permute(x, std::vector<int>(perm.begin(), perm.end())))};
}

Values join(In call) {
  if (call.size() == 0) call.fail_node("expected an input at least");
  if (call.are_numbers()) {
    Numbers all;
    for (size_t k = 0; k < call.size(); ++k) {
      const Numbers one = call.numbers(k);
      all.insert(all.end(), one.begin(), one.end());
    }
    return {Value::known(std::move(all))};
  }
  Tensors parts;
  for (size_t k = 0; k < call.size(); ++k) parts.push_back(call.tensor(k));
  return {Value(concat(parts, static_cast<int>(call.needed_integer("axis"))))};
}

Values split_op(In call) {
  const Tensor x = call.tensor(0);
  const int64_t axis = axis_in(call, call.integer("axis", 0), x.rank()), size = x.size(static_cast<int>(axis));
  Numbers sizes = call.gives("split") ? call.integers("split") : call.has(1) ? call.numbers(1) : Numbers();
  if (sizes.empty()) {
    const auto parts = static_cast<int64_t>(call.node().outputs.size());
    if (parts == 0 || size < parts) call.fail_node(fmt::format("{} steps in {} parts", size, parts));
    const int64_t each = (size + parts - 1) / parts;
    for (int64_t left = size; left > 0; left -= each) sizes.push_back(std::min(each, left));
  }
  Values out;
  for (const Tensor& part : split(x, static_cast<int>(axis), sizes)) out.emplace_back(part);
  return out;
}

// The numbers of one axis in a Slice.
struct Range {
  int64_t begin, end, step;
};

Range clamped(In call, Range r, int64_t size) {
  if (r.step == 0) call.fail_node("a step of 0");
  const auto from_end = [&](int64_t at) { return at < 0 ? at + size : at; };
  if (r.step > 0)
    return {std::clamp<int64_t>(from_end(r.begin), 0, size), std::clamp<int64_t>(from_end(r.end), 0, size), r.step};
  const int64_t begin = std::clamp<int64_t>(from_end(r.begin), 0, size - 1);
  const int64_t end = r.end < -size ? -1 : std::clamp<int64_t>(from_end(r.end), -1, size - 1);
  return {begin, end, r.step};
}

Tensor slice_axis(In call, const Tensor& x, int axis, Range r) {
  const int64_t size = x.size(axis);
  if (r.step == 1) {
    if (r.begin == 0 && r.end == size) return x;
    if (axis == 0) return rows(x, r.begin, std::max(r.begin, r.end));
    return slice(x, {axis, r.begin}, std::max<int64_t>(0, r.end - r.begin));
  }
  if (r.step == -1 && r.begin == size - 1 && r.end == -1) return flip(x, axis);
  call.fail_node("steps other than 1, and -1 over a whole axis, are not supported");
}

Values slice_op(In call) {
  const auto list = [&](const char* name, size_t k) {
    return call.gives(name) ? call.integers(name) : call.has(k) ? call.numbers(k) : Numbers();
  };
  const Numbers starts = list("starts", 1), ends = list("ends", 2), steps = list("", 4);
  Numbers axes = list("axes", 3);
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() || (!steps.empty() && steps.size() != starts.size()))
    call.fail_node("starts, ends, axes and steps: expected as many of each");
  const auto range = [&](size_t k, int64_t size) {
    return clamped(call, {starts[k], ends[k], steps.empty() ? 1 : steps[k]}, size);
  };
  if (call[0].numbers) {
    const Numbers all = call.numbers(0);
    if (starts.size() != 1) call.fail_node("expected one axis");
    const Range r = range(0, std::ssize(all));
    Numbers some;
    for (int64_t k = r.begin; r.step > 0 ? k < r.end : k > r.end; k += r.step)
      some.push_back(all[static_cast<size_t>(k)]);
    return {Value::known(std::move(some))};
  }
  Tensor x = call.tensor(0);
  for (size_t k = 0; k < starts.size(); ++k) {
    const auto axis = static_cast<int>(axis_in(call, axes[k], x.rank()));
    x = slice_axis(call, x, axis, range(k, x.size(axis)));
  }
  return {Value(x)};
}

Values pad_op(In call) {
  if (call.text("mode", "constant") != "constant") call.fail_node("mode: expected constant");
  const Tensor x = call.tensor(0);
  const Numbers pads = call.gives("pads") ? call.integers("pads") : call.numbers(1);
  if (call.has(3)) call.fail_node("axes are not supported");
  const auto rank = static_cast<size_t>(x.rank());
  if (pads.size() != 2 * rank) call.fail_node("pads: expected two for each axis");
  std::vector<Padding> padding;
  for (size_t k = 0; k < rank; ++k) {
    padding.push_back({pads[k], pads[rank + k]});
    for (const int64_t one : {pads[k], pads[rank + k]})
      if (one < 0 || one > kMostElements) call.fail_node(fmt::format("pads: {} is not supported", one));
  }
  double value = call.real("value", 0);
  if (call.has(2)) {
    if (!call[2].is_constant) call.fail_node("a value that is no constant is not supported");
    value = call.tensor(2).item();
  }
  return {Value(pad(x, padding, value))};
}

// --- made of numbers ---

Values constant(In call) {
  if (call.gives("value")) {
    const auto* tensor = std::get_if<TensorProto>(&call.attribute("value").value);
    if (tensor == nullptr) call.fail_node("value: expected a tensor");
    return {Value::constant_of(*tensor)};
  }
  Tensor value;
  if (call.gives("value_float")) value = Tensor::scalar(call.real("value_float", 0));
  if (call.gives("value_int")) value = Tensor::from(Numbers{call.integer("value_int", 0)}, Shape());
  if (call.gives("value_ints")) {
    const Numbers all = call.integers("value_ints");
    value = Tensor::from(all, {std::ssize(all)});
  }
  if (!value.defined()) call.fail_node("expected one of value, value_float, value_int and value_ints");
  return {Value::constant_of({.value = value})};
}

Values constant_of_shape(In call) {
  double value = 0;
  DType dtype = DType::kF32;
  bool is_bool = false;
  if (call.gives("value")) {
    const auto* tensor = std::get_if<TensorProto>(&call.attribute("value").value);
    if (tensor == nullptr || tensor->value.numel() != 1) call.fail_node("value: expected a tensor of one element");
    value = tensor->value.item();
    dtype = tensor->value.dtype();
    is_bool = tensor->is_bool;
  }
  Value out(filled(shape_from(call, call.numbers(0)), value, dtype));
  out.is_bool = is_bool;
  return {out};
}

Values range(In call) {
  const int64_t start = call.number(0), limit = call.number(1), delta = call.number(2);
  if (start != 0 || delta != 1) call.fail_node("expected whole numbers from 0 on, one by one");
  return {Value(arange(shape_from(call, {std::max<int64_t>(limit, 0)})[0], DType::kI64))};
}

Values one_hot_op(In call) {
  const Tensor ids = call.tensor(0);
  const int64_t axis = call.integer("axis", -1);
  if (axis != -1 && axis != ids.rank()) call.fail_node("axis: expected the last");
  if (!call[2].is_constant || call.tensor(2).numel() != 2) call.fail_node("values: expected two constants");
  const Tensor values = call.tensor(2);
  const auto at = [&](int64_t k) { return reshape(rows(reshape(values, {2}), k, k + 1), Shape()).item(); };
  const double off = at(0), on = at(1);
  const Tensor marks = one_hot(cast(ids, DType::kI32), shape_from(call, call.numbers(1))[0], as_real(values).dtype());
  return {Value(cast(marks * (on - off) + off, values.dtype()))};
}

// --- choosing ---

// The axes of the indices come where the axis was.
Tensor gather_axis(const Tensor& x, const Tensor& ids, int64_t axis) {
  if (axis == 0) return embedding(x, ids);
  std::vector<int> front{static_cast<int>(axis)}, back;
  for (int k = 0; k < x.rank(); ++k)
    if (k != axis) front.push_back(k);
  const Tensor y = embedding(permute(x, front), ids);
  const int q = ids.rank();
  for (int k = 0; k < axis; ++k) back.push_back(q + k);
  for (int k = 0; k < q; ++k) back.push_back(k);
  for (int k = q + static_cast<int>(axis); k < y.rank(); ++k) back.push_back(k);
  return permute(y, back);
}

Values gather_op(In call) {
  if (call[0].numbers && call[1].numbers) {
    const Numbers all = call.numbers(0), at = call.numbers(1);
    Numbers some;
    for (const int64_t k : at) some.push_back(all[static_cast<size_t>(axis_in(call, k, std::ssize(all)))]);
    return {Value::known(std::move(some), call[1].is_scalar)};
  }
  const Tensor x = call.tensor(0), ids = cast(call.tensor(1), DType::kI32);
  const int64_t axis = axis_in(call, call.integer("axis", 0), x.rank());
  if (x.rank() - 1 + ids.rank() > Shape::kMaxRank) call.fail_node("a result of too many axes");
  return {Value(gather_axis(x, ids, axis))};
}

Values gather_elements(In call) {
  return {Value(gather(call.tensor(0), static_cast<int>(call.integer("axis", 0)), cast(call.tensor(1), DType::kI32)))};
}

Values reverse_sequence(In call) {
  const int64_t batch_axis = call.integer("batch_axis", 1), time_axis = call.integer("time_axis", 0);
  if (batch_axis + time_axis != 1 || batch_axis < 0 || time_axis < 0)
    call.fail_node("batch_axis and time_axis: expected 0 and 1, in either order");
  const Tensor given = call.tensor(0);
  if (given.rank() < 2) call.fail_node("expected two axes at least");
  const Tensor x = time_axis == 0 ? given : transpose(given, 0, 1);
  const int64_t steps = x.size(0), batch = x.size(1);
  const Tensor t = reshape(arange(steps, DType::kF64), {steps, 1});
  const Tensor length = reshape(cast(call.tensor(1), DType::kF64), {1, batch});
  Tensor from = where(less(t, length), length - 1.0 - t, broadcast_to(t, {steps, batch}));
  Shape shape{steps, batch};
  while (shape.rank() < x.rank()) shape = shape.inserted(shape.rank(), 1);
  from = broadcast_to(reshape(cast(from, DType::kI32), shape), x.shape());
  const Tensor y = gather(x, 0, from);
  return {Value(time_axis == 0 ? y : transpose(y, 0, 1))};
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

// --- layers ---

Values product(In call) {
  const Tensor a = call.tensor(0), b = call.tensor(1);
  if (a.rank() < 2 || b.rank() < 2) call.fail_node("operands of one axis are not supported");
  return {Value(matmul(a, b))};
}

Values gemm(In call) {
  Tensor y = matmul(call.tensor(0), call.tensor(1),
                    {.trans_a = call.integer("transA", 0) != 0, .trans_b = call.integer("transB", 0) != 0});
  if (const double alpha = call.real("alpha", 1); alpha != 1) y = y * alpha;
  if (!call.has(2)) return {Value(y)};
  const double beta = call.real("beta", 1);
  return {Value(y + (beta == 1 ? call.tensor(2) : call.tensor(2) * beta))};
}

// Over all axes from one on, as one.
Values layer_normalization(In call) {
  const Tensor x = call.tensor(0);
  const int64_t axis = axis_in(call, call.integer("axis", -1), x.rank());
  int64_t outer = 1, inner = 1;
  Shape reduced = x.shape();
  for (int k = 0; k < x.rank(); ++k) {
    (k < axis ? outer : inner) *= x.size(k);
    if (k >= axis) reduced[k] = 1;
  }
  const bool last = axis == x.rank() - 1;
  const auto flat = [&](size_t k) {
    return call.has(k) ? (last ? call.tensor(k) : reshape(call.tensor(k), {inner})) : Tensor();
  };
  const double epsilon = call.real("epsilon", 1e-5F);
  const Tensor rows = last ? x : reshape(x, {outer, inner});
  const Tensor y = layer_norm(rows, flat(1), flat(2), epsilon);
  Values out{Value(last ? y : reshape(y, x.shape()))};
  if (call.wants(1) || call.wants(2)) {
    out.emplace_back(reshape(mean(rows, -1), reduced));
    out.emplace_back(reshape(reciprocal(sqrt(variance(rows, -1, false) + epsilon)), reduced));
  }
  return out;
}

Values batch_normalization(In call) {
  if (call.integer("training_mode", 0) != 0) call.fail_node("training_mode is not supported");
  return {Value(batch_norm_inference(call.tensor(0), {call.tensor(3), call.tensor(4)}, call.tensor(1), call.tensor(2),
                                     call.real("epsilon", 1e-5F)))};
}

// What convolutions and pooling have in common: of `dims` axes of the window.
struct Window {
  Numbers kernel, stride, before, after, dilation;

  bool is_symmetric() const { return before == after; }
};

Window window_of(In call, size_t dims, Numbers kernel) {
  const std::string automatic = call.text("auto_pad", "NOTSET");
  if (automatic != "NOTSET" && automatic != "VALID")
    call.fail_node(fmt::format("auto_pad: {} is not supported", automatic));
  const Numbers ones(dims, 1), pads = call.integers("pads", Numbers(2 * dims, 0));
  Window w{.kernel = call.integers("kernel_shape", std::move(kernel)),
           .stride = call.integers("strides", ones),
           .before = {},
           .after = {},
           .dilation = call.integers("dilations", ones)};
  if (w.kernel.size() != dims || w.stride.size() != dims || w.dilation.size() != dims || pads.size() != 2 * dims)
    call.fail_node(fmt::format("kernel_shape, strides, pads and dilations: expected those of {} axes", dims));
  w.before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(dims));
  w.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(dims), pads.end());
  for (const Numbers* list : {&w.kernel, &w.stride, &w.dilation})
    for (const int64_t one : *list)
      if (one < 1 || one > kMostElements) call.fail_node(fmt::format("{} as a kernel, stride or dilation", one));
  for (const int64_t one : pads)
    if (one < 0 || one > kMostElements) call.fail_node(fmt::format("pads: {} is not supported", one));
  return w;
}

size_t window_axes(In call, const Tensor& x) {
  if (x.rank() != 3 && x.rank() != 4)
    call.fail_node(fmt::format("expected 1 or 2 axes of space, got {}", x.rank() - 2));
  return static_cast<size_t>(x.rank() - 2);
}

Tensor padded(const Tensor& x, Window& w, double value) {
  if (w.is_symmetric()) return x;
  std::vector<Padding> padding;
  for (size_t k = 0; k < w.before.size(); ++k) padding.push_back({w.before[k], w.after[k]});
  w.before.assign(w.before.size(), 0);
  w.after = w.before;
  return pad(x, padding, value);
}

std::array<int64_t, 2> two(const Numbers& list) { return {list[0], list[1]}; }

Values convolution(In call) {
  const Tensor weight = call.tensor(1), bias = call.tensor_or_none(2);
  const size_t dims = window_axes(call, call.tensor(0));
  if (weight.rank() != static_cast<int>(dims) + 2) call.fail_node("W: expected as many axes as X");
  Numbers kernel;
  for (size_t k = 0; k < dims; ++k) kernel.push_back(weight.size(static_cast<int>(k) + 2));
  Window w = window_of(call, dims, kernel);
  if (w.kernel != kernel) call.fail_node("kernel_shape: expected the shape of W");
  const int64_t groups = call.integer("group", 1);
  const Tensor x = padded(call.tensor(0), w, 0);
  if (dims == 1)
    return {
        Value(conv1d(x, weight, bias,
                     {.stride = w.stride[0], .padding = w.before[0], .dilation = w.dilation[0], .groups = groups}))};
  return {Value(
      conv2d(x, weight, bias,
             {.stride = two(w.stride), .padding = two(w.before), .dilation = two(w.dilation), .groups = groups}))};
}

template <bool kMax>
Values pooling(In call) {
  if (call.integer("ceil_mode", 0) != 0) call.fail_node("ceil_mode is not supported");
  if (call.integer("storage_order", 0) != 0) call.fail_node("storage_order is not supported");
  const size_t dims = window_axes(call, call.tensor(0));
  Window w = window_of(call, dims, {});
  const bool counts = call.integer("count_include_pad", 0) != 0;
  if (!kMax && !counts && !w.is_symmetric())
    call.fail_node("a mean with different padding before and after is not supported");
  const Tensor x = padded(call.tensor(0), w, kMax ? -std::numeric_limits<float>::infinity() : 0);
  if (dims == 1) {
    const Pool1dOptions options{.kernel = w.kernel[0],
                                .stride = w.stride[0],
                                .padding = w.before[0],
                                .dilation = w.dilation[0],
                                .count_padding = counts};
    return {Value(kMax ? max_pool1d(x, options) : avg_pool1d(x, options))};
  }
  const Pool2dOptions options{.kernel = two(w.kernel),
                              .stride = two(w.stride),
                              .padding = two(w.before),
                              .dilation = two(w.dilation),
                              .count_padding = counts};
  return {Value(kMax ? max_pool2d(x, options) : avg_pool2d(x, options))};
}

template <Tensor (*kOp)(const Tensor&, int, bool)>
Values pooling_of_all(In call) {
  Tensor x = call.tensor(0);
  for (int axis = x.rank() - 1; axis >= 2; --axis) x = kOp(x, axis, true);
  return {Value(x)};
}

struct Operator {
  const char* name;
  RunNode run;
};

// clang-format off: a line an operator
constexpr Operator kOperators[] = {
    {"Abs", unary<abs>},
    {"Add", arithmetic<add, add_numbers>},
    {"And", logical<minimum>},
    {"ArgMax", position<argmax>},
    {"ArgMin", position<argmin>},
    {"AveragePool", pooling<false>},
    {"BatchNormalization", batch_normalization},
    {"Cast", convert},
    {"Clip", clip},
    {"Concat", join},
    {"Constant", constant},
    {"ConstantOfShape", constant_of_shape},
    {"Conv", convolution},
    {"Cos", unary<cos>},
    {"CumSum", running_sum},
    {"Div", arithmetic<div, div_numbers>},
    {"Dropout", identity},
    {"Elu", elu_of},
    {"Equal", equality},
    {"Erf", unary<erf>},
    {"Exp", unary<exp>},
    {"Expand", expand},
    {"Flatten", flatten},
    {"GRU", run_gru},
    {"Gather", gather_op},
    {"GatherElements", gather_elements},
    {"Gelu", gelu_of},
    {"Gemm", gemm},
    {"GlobalAveragePool", pooling_of_all<mean>},
    {"GlobalMaxPool", pooling_of_all<max>},
    {"Greater", compare<true, false>},
    {"GreaterOrEqual", compare<false, true>},
    {"HardSigmoid", hard},
    {"Identity", identity},
    {"LSTM", run_lstm},
    {"LayerNormalization", layer_normalization},
    {"LeakyRelu", leaky},
    {"Less", compare<false, false>},
    {"LessOrEqual", compare<true, true>},
    {"Log", unary<log>},
    {"LogSoftmax", soft<log_softmax>},
    {"MatMul", product},
    {"Max", of_all<maximum>},
    {"MaxPool", pooling<true>},
    {"Min", of_all<minimum>},
    {"Mul", arithmetic<mul, mul_numbers>},
    {"Neg", unary<neg>},
    {"Not", negation},
    {"OneHot", one_hot_op},
    {"Or", logical<maximum>},
    {"Pad", pad_op},
    {"Pow", power},
    {"RNN", run_rnn},
    {"Range", range},
    {"Reciprocal", unary<reciprocal>},
    {"ReduceLogSumExp", reduce<logsumexp>},
    {"ReduceMax", reduce<max>},
    {"ReduceMean", reduce<mean>},
    {"ReduceMin", reduce<min>},
    {"ReduceSum", reduce<sum>},
    {"Relu", unary<relu>},
    {"Reshape", reshape_op},
    {"ReverseSequence", reverse_sequence},
    {"Scan", run_scan_operator},
    {"Shape", shape_op},
    {"Sigmoid", unary<sigmoid>},
    {"Sign", unary<sign>},
    {"Sin", unary<sin>},
    {"Slice", slice_op},
    {"Softmax", soft<softmax>},
    {"Softplus", unary<softplus>},
    {"Split", split_op},
    {"Sqrt", unary<sqrt>},
    {"Squeeze", squeeze},
    {"Sub", arithmetic<sub, sub_numbers>},
    {"Tanh", unary<tanh>},
    {"Transpose", transpose_op},
    {"Unsqueeze", unsqueeze},
    {"Where", select},
};
// clang-format on

}  // namespace
}  // namespace reading

RunNode find_operator(std::string_view op) {
  for (const reading::Operator& each : reading::kOperators)
    if (op == each.name) return each.run;
  return nullptr;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names;
  for (const reading::Operator& each : reading::kOperators) names.emplace_back(each.name);
  return names;
}

}  // namespace recur::onnx
