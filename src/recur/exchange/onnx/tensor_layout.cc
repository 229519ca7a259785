#include "recur/exchange/onnx/tensor_layout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "recur/base/error.h"

namespace recur::onnx {
namespace {

std::string axis_text(const AxisFactors& axis) {
  if (axis.empty()) return "1";
  std::string text;
  for (const Factor& factor : axis) {
    if (!text.empty()) text += " x ";
    text += name_of(factor.role);
    if (factor.role == Role::kOpen && factor.size >= 0) text += fmt::format(" of {}", factor.size);
  }
  return text;
}

int64_t product_of(const AxisFactors& axis) {
  int64_t product = 1;
  for (const Factor& factor : axis)
    if (factor.size < 0 || __builtin_mul_overflow(product, factor.size, &product)) return -1;
  return product;
}

// The axes 0 .. rank - 1 that are named, each once.
std::vector<bool> marked(const TensorLayout& layout, const std::vector<int64_t>& axes, int64_t more) {
  std::vector<bool> marks(static_cast<size_t>(layout.rank() + more));
  for (const int64_t each : axes) {
    const auto axis = static_cast<size_t>(layout.axis_in(each, more));
    if (marks[axis]) fail("axis {} is named twice", each);
    marks[axis] = true;
  }
  return marks;
}

// Factors dealt out to the axes of another shape, from one end.
class Dealer {
 public:
  explicit Dealer(AxisFactors factors) : left_(std::move(factors)) {}

  AxisFactors take_front(const TargetSize& size) {
    AxisFactors axis;
    size_t count = 0;
    while (wants_more(size, axis, count < left_.size() ? &left_[count] : nullptr)) axis.push_back(left_[count++]);
    left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count));
    return axis;
  }

  void turn() { std::ranges::reverse(left_); }
  const AxisFactors& left() const { return left_; }

 private:
  // Whether `next` belongs to the axis that has `axis` already.
  static bool wants_more(const TargetSize& size, const AxisFactors& axis, const Factor* next) {
    if (!size.ids.empty()) {
      if (axis.size() == size.ids.size()) return false;
      if (next == nullptr || std::ranges::count(size.ids, next->id) == 0)
        fail("the new shape mixes axes of the tensor");
      return true;
    }
    const int64_t product = product_of(axis);
    if (product == size.number && (product > 1 || !axis.empty())) return false;
    if (size.number == 1) return next != nullptr && next->size == 1;
    if (next == nullptr) fail("the new shape has more elements than the tensor");
    if (next->size < 0) fail("the new shape gives the number {} to an axis of open size", size.number);
    int64_t more = 0;
    if (product < 1 || __builtin_mul_overflow(product, next->size, &more) || more < 1 || size.number % more != 0)
      fail("the new shape tears axes of the tensor apart");
    return true;
  }

  AxisFactors left_;
};

}  // namespace

const char* name_of(Role role) {
  switch (role) {
    case Role::kTime:
      return "time";
    case Role::kBatch:
      return "batch";
    case Role::kDirections:
      return "directions";
    case Role::kFeatures:
      return "features";
    default:
      return "open";
  }
}

std::string TensorLayout::str() const {
  std::vector<std::string> texts;
  for (const AxisFactors& axis : axes_) texts.push_back(axis_text(axis));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

int TensorLayout::axis_in(int64_t axis, int64_t more) const {
  const int64_t all = rank() + more;
  if (axis < -all || axis >= all) fail("axis {} of a tensor of {} axes", axis, all);
  return static_cast<int>(axis < 0 ? axis + all : axis);
}

bool TensorLayout::has(Role role) const {
  return std::ranges::any_of(
      axes_, [&](const AxisFactors& axis) { return std::ranges::count(axis, role, &Factor::role) > 0; });
}

int TensorLayout::axis_of(Role role) const {
  const auto at = std::ranges::find_if(
      axes_, [&](const AxisFactors& axis) { return axis.size() == 1 && axis.front().role == role; });
  return at == axes_.end() ? -1 : static_cast<int>(at - axes_.begin());
}

bool TensorLayout::is_one(int axis) const { return size(axis) == 1; }

int64_t TensorLayout::size(int axis) const { return product_of((*this)[axis]); }

TensorLayout TensorLayout::transposed(const std::vector<int64_t>& order) const {
  if (order.empty()) return TensorLayout({axes_.rbegin(), axes_.rend()});
  if (std::ssize(order) != rank()) fail("perm: expected {} axes, got {}", rank(), order.size());
  marked(*this, order, 0);
  std::vector<AxisFactors> axes;
  for (const int64_t axis : order) axes.push_back((*this)[axis_in(axis)]);
  return TensorLayout(std::move(axes));
}

TensorLayout TensorLayout::squeezed(const std::vector<int64_t>& axes) const {
  const std::vector<bool> marks = marked(*this, axes, 0);
  std::vector<AxisFactors> left;
  for (int k = 0; k < rank(); ++k) {
    if (!(axes.empty() ? is_one(k) : marks[static_cast<size_t>(k)])) {
      left.push_back((*this)[k]);
    } else if (!is_one(k)) {
      fail("axis {} of {} is not of size 1", k, str());
    }
  }
  return TensorLayout(std::move(left));
}

TensorLayout TensorLayout::unsqueezed(const std::vector<int64_t>& axes) const {
  if (rank() + std::ssize(axes) > kMostAxes) fail("a tensor of more than {} axes", kMostAxes);
  const std::vector<bool> marks = marked(*this, axes, std::ssize(axes));
  std::vector<AxisFactors> all;
  int from = 0;
  for (const bool is_new : marks) all.push_back(is_new ? AxisFactors() : (*this)[from++]);
  return TensorLayout(std::move(all));
}

TensorLayout TensorLayout::reshaped(const std::vector<TargetSize>& sizes) const {
  if (std::ssize(sizes) > kMostAxes) fail("a tensor of more than {} axes", kMostAxes);
  const auto is_rest = [](const TargetSize& size) { return size.ids.empty() && size.number < 0; };
  AxisFactors all;
  for (const AxisFactors& axis : axes_) all.insert(all.end(), axis.begin(), axis.end());
  std::vector<AxisFactors> made(sizes.size());
  Dealer dealer(std::move(all));
  const auto rest = static_cast<size_t>(std::ranges::find_if(sizes, is_rest) - sizes.begin());
  for (size_t k = 0; k < rest; ++k) made[k] = dealer.take_front(sizes[k]);
  dealer.turn();
  for (size_t k = sizes.size(); k-- > rest + 1;) {
    if (is_rest(sizes[k])) fail("the new shape has several sizes that are open");
    made[k] = dealer.take_front(sizes[k]);
    std::ranges::reverse(made[k]);
  }
  dealer.turn();
  if (rest < sizes.size()) made[rest] = dealer.left();
  if (rest == sizes.size() && !dealer.left().empty()) fail("the new shape has fewer elements than {}", str());
  return TensorLayout(std::move(made));
}

TensorLayout TensorLayout::without(int axis) const {
  std::vector<AxisFactors> axes = axes_;
  axes.erase(axes.begin() + axis);
  return TensorLayout(std::move(axes));
}

TensorLayout TensorLayout::with(int axis, AxisFactors factors) const {
  std::vector<AxisFactors> axes = axes_;
  axes[static_cast<size_t>(axis)] = std::move(factors);
  return TensorLayout(std::move(axes));
}

TensorLayout TensorLayout::taken(int axis, Role role) const {
  const AxisFactors& own = (*this)[axis];
  if (own.size() != 1 || (own.front().role != role && own.front().role != Role::kOpen) ||
      (own.front().role == Role::kOpen && has(role)))
    fail("expected {} as axis {} of the tensor, got {}", name_of(role), axis, str());
  Factor known = own.front();
  known.role = role;
  return with(axis, {known});
}

TensorLayout TensorLayout::features_at(int axis) const {
  const AxisFactors& own = (*this)[axis];
  if (own.size() == 2 && own[0].role == Role::kDirections && own[1].role == Role::kFeatures) {
    return with(axis, {features_of(product_of(own))});
  }
  if (has(Role::kDirections))
    fail("expected the features of both directions as axis {} of the tensor, got {}", axis, str());
  return taken(axis, Role::kFeatures);
}

}  // namespace recur::onnx
