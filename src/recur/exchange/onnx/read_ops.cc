#include "recur/exchange/onnx/read_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "recur/ops/cast.h"

namespace recur::onnx {
namespace reading {

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

Tensor as_real(const Tensor& x) { return is_floating(x.dtype()) ? x : cast(x, DType::kF64); }

}  // namespace reading

namespace {

std::array<std::span<const reading::Operator>, 3> all_operators() {
  return {reading::arithmetic_operators(), reading::shape_operators(), reading::layer_operators()};
}

}  // namespace

RunNode find_operator(std::string_view op) {
  for (const auto operators : all_operators())
    for (const reading::Operator& each : operators)
      if (op == each.name) return each.run;
  return nullptr;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names;
  for (const auto operators : all_operators())
    for (const reading::Operator& each : operators) names.emplace_back(each.name);
  return names;
}

}  // namespace recur::onnx
