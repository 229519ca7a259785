// Operators of ONNX that arrange and choose elements, or make them of numbers.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "recur/exchange/onnx/read_ops.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/flip.h"
#include "recur/ops/gather.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"

namespace recur::onnx::reading {
namespace {

Values size_op(In call) {
  if (!call[0].tensor.defined()) call.fail_node("the size of a shape is not supported");
  return {Value::known({call[0].tensor.numel()}, true)};
}

Values shape_op(In call) {
  if (call[0].numbers && !call[0].tensor.defined()) call.fail_node("the shape of a shape is not supported");
  const Shape shape = call.tensor(0).shape();
  const int64_t rank = shape.rank();
  const auto bound = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t begin = bound(call.integer("start", 0)), end = std::max(begin, bound(call.integer("end", rank)));
  return {Value::known(Numbers(shape.begin() + begin, shape.begin() + end))};
}

// The size that is -1.
int64_t rest_of(In call, int64_t elements, const Numbers& sizes) {
  int64_t product = 1;
  for (const int64_t size : sizes)
    if (size != -1 && (size < 1 || __builtin_mul_overflow(product, size, &product)))
      call.fail_node(fmt::format("impossible sizes [{}]", fmt::join(sizes, ", ")));
  if (elements % product != 0 || std::ranges::count(sizes, -1) != 1)
    call.fail_node(fmt::format("{} elements as [{}]", elements, fmt::join(sizes, ", ")));
  return elements / product;
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
  if (const auto rest = std::ranges::find(sizes, -1); rest != sizes.end()) *rest = rest_of(call, x.numel(), sizes);
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
  if (size == 0) return {0, 0, 1};  // nothing to take
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

// x with its first and last positions along an axis repeated ("edge"), or those next to them mirrored ("reflect").
Tensor padded_by_own(In call, const Tensor& x, int axis, const Padding& by, bool is_reflected) {
  const int64_t size = x.size(axis);
  if (std::max(by.before, by.after) >= size + (is_reflected ? 0 : kMostElements))
    call.fail_node(fmt::format("pads: {} and {} of an axis of {} positions", by.before, by.after, size));
  const auto part = [&](int64_t count, int64_t first_mirrored, int64_t edge) {
    if (is_reflected) return flip(slice(x, {axis, first_mirrored}, count), axis);
    return tile(slice(x, {axis, edge}, 1), axis, count);
  };
  Tensors parts;
  if (by.before > 0) parts.push_back(part(by.before, 1, 0));
  parts.push_back(x);
  if (by.after > 0) parts.push_back(part(by.after, size - 1 - by.after, size - 1));
  return concat(parts, axis);
}

Values pad_op(In call) {
  const std::string mode = call.text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect")
    call.fail_node("mode: expected constant, edge or reflect");
  Tensor x = call.tensor(0);
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
  if (mode != "constant") {
    for (int axis = 0; axis < x.rank(); ++axis)
      if (const Padding& by = padding[static_cast<size_t>(axis)]; by.before + by.after > 0)
        x = padded_by_own(call, x, axis, by, mode == "reflect");
    return {Value(x)};
  }
  double value = call.real("value", 0);
  if (call.has(2)) {
    if (!call[2].is_constant) call.fail_node("a value that is not constant is not supported");
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

// Input k as 32-bit numbers, which must hold them.
Tensor indices_at(In call, size_t k) {
  const Tensor given = call.tensor(k);
  if (given.dtype() == DType::kI64) {
    for (const int64_t index : given.values<int64_t>()) {
      if (index != static_cast<int32_t>(index)) call.fail_node(fmt::format("the index {} is out of range", index));
    }
  }
  return cast(given, DType::kI32);
}

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
  const Tensor x = call.tensor(0);
  const int64_t axis = axis_in(call, call.integer("axis", 0), x.rank());
  if (call[1].is_constant && call[1].numbers && call[1].numbers->size() == 1) {  // also -1, the last one
    const int64_t size = x.size(static_cast<int>(axis)), at = axis_in(call, call.number(1), size);
    const Tensor one = slice(x, {static_cast<int>(axis), at}, 1);
    return {Value(call[1].is_scalar ? reshape(one, x.shape().erased(static_cast<int>(axis))) : one)};
  }
  const Tensor ids = indices_at(call, 1);
  if (x.rank() - 1 + ids.rank() > Shape::kMaxRank) call.fail_node("a result of too many axes");
  return {Value(gather_axis(x, ids, axis))};
}

Values gather_elements(In call) {
  return {Value(gather(call.tensor(0), static_cast<int>(call.integer("axis", 0)), indices_at(call, 1)))};
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

// clang-format off: a line an operator
constexpr Operator kOperatorsOfShapes[] = {
    {"Concat", join},
    {"Constant", constant},
    {"ConstantOfShape", constant_of_shape},
    {"Expand", expand},
    {"Flatten", flatten},
    {"Gather", gather_op},
    {"GatherElements", gather_elements},
    {"OneHot", one_hot_op},
    {"Pad", pad_op},
    {"Range", range},
    {"Reshape", reshape_op},
    {"ReverseSequence", reverse_sequence},
    {"Shape", shape_op},
    {"Size", size_op},
    {"Slice", slice_op},
    {"Split", split_op},
    {"Squeeze", squeeze},
    {"Transpose", transpose_op},
    {"Unsqueeze", unsqueeze},
};
// clang-format on

}  // namespace

std::span<const Operator> shape_operators() { return kOperatorsOfShapes; }

}  // namespace recur::onnx::reading
