#include "recur/exchange/onnx/given_inputs.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "recur/base/error.h"
#include "recur/base/suggest.h"

namespace recur::onnx {
namespace {

template <class T>
std::optional<T> all_of(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// 1x576; empty: it is none.
std::vector<int64_t> shape_of(std::string_view text) {
  std::vector<int64_t> sizes;
  if (text.find('x') == std::string_view::npos) return sizes;
  constexpr int64_t kMost = 1 << 24;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('x', at), text.size());
    const auto size = all_of<int64_t>(text.substr(at, end - at));
    if (!size || *size < 1 || *size > kMost) return {};
    sizes.push_back(*size);
    at = end + 1;
  }
  return sizes;
}

class Given {
 public:
  Given(ModelProto& model, const std::string& file, const std::string& text) : model_(model), file_(file), text_(text) {
    const size_t equal = text.rfind('=');
    name_ = text.substr(0, equal);
    value_ = equal == std::string::npos ? "" : text.substr(equal + 1);
    if (value_.empty()) fail_given("expected NAME=NUMBER, or NAME=1x576 for a shape");
    if (value_.find('x') != std::string::npos && shape_of(value_).empty())
      fail_given(fmt::format("'{}' is no shape such as 1x576, of sizes from 1 on", value_));
  }

  bool give() {
    std::vector<std::string_view> names;
    for (const ValueInfo& each : model_.graph.inputs) names.emplace_back(each.name);
    const auto input = std::ranges::find(model_.graph.inputs, name_, &ValueInfo::name);
    if (input == model_.graph.inputs.end()) {
      fail_given(fmt::format("the graph has no input '{}'{}; these are: {}", name_, did_you_mean(name_, names),
                             fmt::join(names, ", ")));
    }
    if (const std::vector<int64_t> sizes = shape_of(value_); !sizes.empty()) {
      give_shape(*input, sizes);
      return true;
    }
    model_.graph.initializers.push_back({.name = name_, .value = number_for(*input)});
    model_.graph.inputs.erase(input);
    return false;
  }

 private:
  [[noreturn]] void fail_given(const std::string& what) const { fail_usage("{}: --input {}: {}", file_, text_, what); }

  void give_shape(const ValueInfo& input, const std::vector<int64_t>& sizes) {
    if (!input.shape || input.shape->size() != sizes.size())
      fail_given(
          fmt::format("the input has {} axes, the shape {}", input.shape ? input.shape->size() : 0, sizes.size()));
    const std::vector<Dimension> before = *input.shape;
    for (size_t k = 0; k < sizes.size(); ++k) {
      if (before[k].size && *before[k].size != sizes[k])
        fail_given(fmt::format("axis {} of the input is of size {}", k, *before[k].size));
      if (!before[k].size) set_size(input.name, k, before[k].axis, sizes[k]);
    }
  }

  // Of this axis, and of all of its name.
  void set_size(const std::string& input, size_t at, const std::string& axis, int64_t size) {
    for (ValueInfo& each : model_.graph.inputs) {
      if (!each.shape) continue;
      for (size_t k = 0; k < each.shape->size(); ++k) {
        Dimension& dimension = (*each.shape)[k];
        const bool is_meant = axis.empty() ? each.name == input && k == at : dimension.axis == axis;
        if (is_meant && !dimension.size) dimension.size = size;
      }
    }
  }

  Tensor number_for(const ValueInfo& input) const {
    Shape shape;
    for (const Dimension& dimension : input.shape.value_or(std::vector<Dimension>())) {
      if (dimension.size.value_or(1) != 1 || shape.rank() == Shape::kMaxRank)
        fail_given("one number is for an input of one number");
      shape = Shape(std::vector<int64_t>(static_cast<size_t>(shape.rank()) + 1, 1));
    }
    const auto number = all_of<double>(value_);
    if (!number || !std::isfinite(*number)) fail_given(fmt::format("expected a number, got '{}'", value_));
    const bool is_real = input.type == ElementType::kFloat || input.type == ElementType::kDouble;
    constexpr double kMost = 1e9;
    if (!is_real && (*number != std::floor(*number) || std::abs(*number) > kMost))
      fail_given(fmt::format("expected an integer of at most 9 digits, got '{}'", value_));
    Tensor value = Tensor::empty(shape, DType::kF64);
    value.data<double>()[0] = *number;
    return value.clone(dtype_of(input.type, fmt::format("{}: onnx: the input '{}'", file_, name_)));
  }

  ModelProto& model_;
  const std::string &file_, &text_;
  std::string name_, value_;
};

}  // namespace

bool give_inputs(ModelProto& model, const std::string& file, const std::vector<std::string>& texts) {
  bool is_step = false;
  std::set<std::string> given;
  for (const std::string& text : texts)
    if (!given.insert(text.substr(0, text.rfind('='))).second)
      fail_usage("{}: --input {}: the input is given twice", file, text);
  for (const std::string& text : texts) is_step = Given(model, file, text).give() || is_step;
  return is_step;
}

}  // namespace recur::onnx
