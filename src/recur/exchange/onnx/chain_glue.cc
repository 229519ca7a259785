// Operators of ONNX that arrange what layers read and compute.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "recur/base/error.h"
#include "recur/exchange/onnx/chain_layers.h"

namespace recur::onnx::chain {
namespace {

constexpr size_t kMostSizes = 64;

// What is arranged: steps that a layer computes, or zeros of whatever shape.
template <class Arrange>
ChainValues arranged(const ChainNode& node, Arrange&& arrange) {
  if (node.find<Zeros>(0) != nullptr) return {Zeros()};
  Computed x = node.computed(0);
  if (x.before != 0 || x.after != 0) node.fail_node("padding is read only before a Conv");
  x.layout = arrange(x.layout);
  return {x};
}

ChainValues same(Chain&, const ChainNode& node) { return {node[0]}; }

ChainValues convert(Chain&, const ChainNode& node) {
  const auto to = static_cast<ElementType>(node.needed_integer("to"));
  const auto* x = node.find<Computed>(0);
  const bool is_real = to == ElementType::kFloat || to == ElementType::kDouble;
  if (x != nullptr && x->layer >= 0 && !is_real) node.fail_node("only real numbers are read of what layers compute");
  return {node[0]};
}

ChainValues transpose(Chain&, const ChainNode& node) {
  return arranged(node, [&](const TensorLayout& layout) { return layout.transposed(node.integers("perm")); });
}

ChainValues squeeze(Chain&, const ChainNode& node) {
  if (node.find<SizeList>(0) != nullptr) return {node[0]};
  return arranged(node, [&](const TensorLayout& layout) { return layout.squeezed(node.numbers_of("axes", 1, {})); });
}

ChainValues unsqueeze(Chain&, const ChainNode& node) {
  if (node.find<SizeList>(0) != nullptr) return {node[0]};
  return arranged(node, [&](const TensorLayout& layout) { return layout.unsqueezed(node.numbers_of("axes", 1, {})); });
}

// --- shapes ---

TargetSize size_of(const TensorLayout& layout, int axis) {
  if (layout.size(axis) >= 0) return {.number = layout.size(axis)};
  TargetSize size;
  for (const Factor& factor : layout[axis]) size.ids.push_back(factor.id);
  return size;
}

std::vector<TargetSize> sizes_at(const ChainNode& node, size_t k) {
  if (const auto* list = node.find<SizeList>(k)) return list->sizes;
  std::vector<TargetSize> sizes;
  for (const int64_t number : node.numbers(k)) sizes.push_back({.number = number});
  return sizes;
}

// As constants where all are known.
ChainValue numbers_or_sizes(SizeList list, bool is_scalar) {
  std::vector<int64_t> numbers;
  for (const TargetSize& size : list.sizes) {
    if (!size.ids.empty() || size.number < 0) return list;
    numbers.push_back(size.number);
  }
  if (numbers.empty()) return list;
  return Tensor::from(numbers, is_scalar ? Shape() : Shape{std::ssize(numbers)});
}

ChainValues shape(Chain&, const ChainNode& node) {
  const TensorLayout& layout = node.computed(0).layout;
  const int64_t rank = layout.rank();
  const auto bound = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  SizeList list;
  for (int64_t k = bound(node.integer("start", 0)); k < bound(node.integer("end", rank)); ++k)
    list.sizes.push_back(size_of(layout, static_cast<int>(k)));
  return {numbers_or_sizes(std::move(list), false)};
}

ChainValues reshape(Chain&, const ChainNode& node) {
  std::vector<TargetSize> sizes = sizes_at(node, 1);
  const bool copies = node.integer("allowzero", 0) == 0;
  for (const TargetSize& size : sizes)
    if (size.ids.empty() && size.number < -1) node.fail_node(fmt::format("impossible size {}", size.number));
  return arranged(node, [&](const TensorLayout& layout) {
    for (size_t k = 0; k < sizes.size(); ++k) {
      if (!copies || !sizes[k].ids.empty() || sizes[k].number != 0) continue;
      sizes[k] = size_of(layout, layout.axis_in(static_cast<int64_t>(k)));
    }
    return layout.reshaped(sizes);
  });
}

ChainValues flatten(Chain&, const ChainNode& node) {
  return arranged(node, [&](const TensorLayout& layout) {
    const int64_t given = node.integer("axis", 1), axis = given < 0 ? given + layout.rank() : given;
    if (axis < 0 || axis > layout.rank()) fail("axis {} of a tensor of {} axes", given, layout.rank());
    std::vector<AxisFactors> two(2);
    for (int k = 0; k < layout.rank(); ++k) {
      AxisFactors& to = two[k < axis ? 0 : 1];
      to.insert(to.end(), layout[k].begin(), layout[k].end());
    }
    return TensorLayout(std::move(two));
  });
}

ChainValues zeros(Chain&, const ChainNode& node) {
  if (node.node().op == "Expand") {
    if (!is_zero(node[0])) node.fail_node("only zeros are read");
  } else if (node.gives("value")) {
    const auto* value = std::get_if<TensorProto>(&node.attribute("value").value);
    if (value == nullptr || !is_zero(value->value)) node.fail_node("only zeros are read");
  }
  return {Zeros()};
}

// --- directions and steps ---

// A part of size 1 of an axis, at `at`; the axis becomes one of size 1.
Computed part_of(Chain& chain, const ChainNode& node, const Computed& x, int axis, int64_t at) {
  Computed part = x;
  const int64_t size = x.layout.size(axis);
  const AxisFactors& own = x.layout[axis];
  part.layout = x.layout.with(axis, {});
  const int64_t place = at < 0 && size >= 0 ? at + size : at;
  if (size == 1 && place == 0) return part;
  if (own.size() == 1 && own.front().role == Role::kDirections && (place == 0 || place == 1)) {
    part.direction = static_cast<int>(place);
    return part;
  }
  if (own.size() == 1 && own.front().role == Role::kTime && (at == -1 || (size > 0 && place == size - 1))) {
    if (x.layer >= 0 && chain[x.layer].found.layer.bidirectional)
      node.fail_node("the last step of a bidirectional layer's Y is not read; Y_h is");
    part.layer = chain.add(x.layer, plain_layer({.kind = "last"}));
    return part;
  }
  node.fail_node(
      fmt::format("only the last step, or a direction, is read, got {} of axis {} of {}", at, axis, x.layout.str()));
}

ChainValues state_of(const ChainNode& node, const States& states, int64_t at, bool is_scalar) {
  const int64_t count = std::ssize(states.parts) * states.each, place = at < 0 ? at + count : at;
  if (place < 0 || place >= count) node.fail_node(fmt::format("{} of {} states", at, count));
  Computed part = states.parts[static_cast<size_t>(place / states.each)];
  if (states.each == 2) part.direction = static_cast<int>(place % 2);
  part.layout = is_scalar ? part.layout.without(0) : part.layout.with(0, {});
  return {part};
}

ChainValues gather(Chain& chain, const ChainNode& node) {
  if (node.find<Tensor>(0) != nullptr) return embedding(chain, node);
  const std::vector<int64_t> at = node.numbers(1);
  const bool is_scalar = node.find<Tensor>(1)->rank() == 0;
  if (const auto* list = node.find<SizeList>(0)) {
    const auto count = std::ssize(list->sizes);
    SizeList chosen;
    for (const int64_t each : at) {
      if (each < -count || each >= count || chosen.sizes.size() == kMostSizes)
        node.fail_node(fmt::format("index {} of {} sizes", each, count));
      chosen.sizes.push_back(list->sizes[static_cast<size_t>(each < 0 ? each + count : each)]);
    }
    return {numbers_or_sizes(std::move(chosen), is_scalar)};
  }
  if (at.size() != 1) node.fail_node("only one index is read");
  if (const auto* states = node.find<States>(0)) {
    if (node.integer("axis", 0) != 0) node.fail_node("axis: only 0 is read of states");
    return state_of(node, *states, at[0], is_scalar);
  }
  const Computed& x = whole(node, 0);
  const int axis = x.layout.axis_in(node.integer("axis", 0));
  Computed part = part_of(chain, node, x, axis, at[0]);
  if (is_scalar) part.layout = part.layout.without(axis);
  return {part};
}

ChainValues split(Chain& chain, const ChainNode& node) {
  const Computed& x = whole(node, 0);
  const int axis = x.layout.axis_in(node.integer("axis", 0));
  const auto parts = std::ssize(node.node().outputs);
  const std::vector<int64_t> sizes = node.numbers_of("split", 1, {});
  if (x.layout.size(axis) != parts || parts > 2 || std::ranges::any_of(sizes, [](int64_t size) { return size != 1; }))
    node.fail_node(fmt::format("only into directions, got {} parts along axis {} of {}", parts, axis, x.layout.str()));
  ChainValues all;
  for (int64_t k = 0; k < parts; ++k) all.emplace_back(part_of(chain, node, x, axis, k));
  return all;
}

// One axis of a Slice.
struct Cut {
  int64_t start = 0, end = 0, step = 1;
};

// Whether it leaves the axis as it is.
bool leaves_all(const Cut& cut, int64_t size) {
  constexpr int64_t kFar = std::numeric_limits<int32_t>::max();
  return cut.start == 0 && cut.step == 1 && (cut.end >= kFar || (size >= 0 && cut.end >= size));
}

Computed cut_axis(Chain& chain, const ChainNode& node, const Computed& x, int axis, const Cut& cut) {
  constexpr int64_t kFar = std::numeric_limits<int32_t>::max();
  const int64_t size = x.layout.size(axis);
  if (leaves_all(cut, size)) return x;
  const AxisFactors& own = x.layout[axis];
  const bool from_end = cut.start == -1 || (size > 0 && cut.start >= size - 1);
  if (cut.step == -1 && from_end && cut.end <= -kFar && own.size() == 1) {
    Computed turned = x;
    turned.layout = x.layout.taken(axis, Role::kTime);
    turned.layer = chain.reversed(x.layer);
    return turned;
  }
  const bool is_last = cut.start == -1 && (cut.end >= kFar || (size > 0 && cut.end >= size));
  if (cut.step == 1 && (is_last || (cut.start != -1 && cut.end == cut.start + 1)))
    return part_of(chain, node, x, axis, cut.start);
  node.fail_node(fmt::format(
      "only the last step, a direction, or all steps backwards are read, got {} to {} by {} of axis {} of {}",
      cut.start, cut.end, cut.step, axis, x.layout.str()));
}

ChainValues slice_of_sizes(const ChainNode& node, const SizeList& list, const Cut& cut) {
  const int64_t count = std::ssize(list.sizes);
  const auto bound = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? std::max(at, -count) + count : at, 0, count);
  };
  if (cut.step != 1) node.fail_node("steps: only 1 is read of sizes");
  SizeList part;
  for (int64_t k = bound(cut.start); k < bound(cut.end); ++k) part.sizes.push_back(list.sizes[static_cast<size_t>(k)]);
  return {part};
}

ChainValues slice(Chain& chain, const ChainNode& node) {
  if (node.find<Zeros>(0) != nullptr) return {Zeros()};
  const std::vector<int64_t> starts = node.numbers_of("starts", 1, {}), ends = node.numbers_of("ends", 2, {});
  std::vector<int64_t> usual;
  for (size_t k = 0; k < starts.size(); ++k) usual.push_back(static_cast<int64_t>(k));
  const std::vector<int64_t> axes = node.numbers_of("axes", 3, usual);
  const std::vector<int64_t> steps = node.numbers_of("steps", 4, std::vector<int64_t>(starts.size(), 1));
  if (starts.empty() || ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    node.fail_node("starts, ends, axes and steps: expected as many of each");
  const auto cut_at = [&](size_t k) { return Cut{.start = starts[k], .end = ends[k], .step = steps[k]}; };
  if (const auto* list = node.find<SizeList>(0)) return slice_of_sizes(node, *list, cut_at(0));
  Computed x = whole(node, 0);
  for (size_t k = 0; k < starts.size(); ++k) x = cut_axis(chain, node, x, x.layout.axis_in(axes[k]), cut_at(k));
  return {x};
}

ChainValues reverse_sequence(Chain& chain, const ChainNode& node) {
  Computed x = whole(node, 0);
  x.layout = x.layout.taken(x.layout.axis_in(node.integer("time_axis", 0)), Role::kTime);
  x.layout = taken_or_one(x.layout, x.layout.axis_in(node.integer("batch_axis", 1)), Role::kBatch);
  take_lengths(chain, node, 1, x.layout.size(x.layout.axis_of(Role::kTime)));
  x.layer = chain.reversed(x.layer);
  return {x};
}

ChainValues pad(Chain&, const ChainNode& node) {
  Computed x = whole(node, 0);
  const std::vector<int64_t> pads = node.numbers_of("pads", 1, {});
  const auto rank = static_cast<size_t>(x.layout.rank());
  if (node.text("mode", "constant") != "constant" || node.real("value", 0) != 0 || (node.has(2) && !is_zero(node[2])) ||
      node.has(3) || pads.size() != 2 * rank)
    node.fail_node("only zeros along all axes in a row are read");
  for (size_t k = 0; k < rank; ++k) {
    if (pads[k] == 0 && pads[rank + k] == 0) continue;
    constexpr int64_t kMost = 1 << 24;
    if (pads[k] < 0 || pads[rank + k] < 0 || pads[k] > kMost || pads[rank + k] > kMost || x.before + x.after > 0)
      node.fail_node("pads: expected zeros along time alone");
    x.layout = x.layout.taken(static_cast<int>(k), Role::kTime);
    x.before = pads[k];
    x.after = pads[rank + k];
  }
  return {x};
}

// --- joined tensors ---

template <class T>
bool all_are(const ChainNode& node) {
  for (size_t k = 0; k < node.size(); ++k)
    if (node.find<T>(k) == nullptr) return false;
  return node.size() > 0;
}

SizeList joined_sizes(const ChainNode& node) {
  SizeList all;
  for (size_t k = 0; k < node.size(); ++k) {
    const std::vector<TargetSize> sizes = sizes_at(node, k);
    all.sizes.insert(all.sizes.end(), sizes.begin(), sizes.end());
    if (all.sizes.size() > kMostSizes) node.fail_node("too many sizes");
  }
  return all;
}

// A recurrent layer that reads from one end.
struct OneWay {
  int parent = -1;  // what it reads
  const FoundLayer* found = nullptr;
  bool is_last = false;
};

std::optional<OneWay> one_way(const Chain& chain, int layer, bool is_reverse) {
  OneWay way;
  if (chain.kind(layer) == "last") {
    way.is_last = true;
    layer = chain[layer].parent;
  } else if (is_reverse) {
    if (chain.kind(layer) != "reverse") return {};
    layer = chain[layer].parent;
  }
  if (layer < 0) return {};
  const FoundLayer& found = chain[layer].found;
  const bool is_recurrent = !found.tensors.empty() && found.tensors.front().name == "weight_ih_l0";
  if (!is_recurrent || found.layer.bidirectional) return {};
  way.found = &found;
  way.parent = chain[layer].parent;
  return way;
}

// Whether `reversed` is what `plain` gives, from its last step to its first.
bool is_turned(const Chain& chain, int plain, int reversed) {
  if (chain.kind(reversed) == "reverse" && chain[reversed].parent == plain) return true;
  return chain.kind(plain) == "reverse" && chain[plain].parent == reversed;
}

// Two nodes, one for each direction, as one layer; -1: they are none.
int joined_directions(Chain& chain, const Computed& a, const Computed& b) {
  const auto forward = one_way(chain, a.layer, false), reverse = one_way(chain, b.layer, true);
  if (!forward || !reverse || forward->is_last != reverse->is_last || a.input != b.input) return -1;
  if (!is_turned(chain, forward->parent, reverse->parent)) return -1;
  std::optional<FoundLayer> both = both_ways(*forward->found, *reverse->found);
  if (!both) return -1;
  const bool is_last = forward->is_last;
  const int layer = chain.add(forward->parent, *std::move(both));
  return is_last ? chain.add(layer, plain_layer({.kind = "last"})) : layer;
}

// a and b along the axis of their features.
std::optional<Computed> joined_features(Chain& chain, const Computed& a, const Computed& b, int axis) {
  const AxisFactors& own = a.layout[axis];
  if (a.layout != b.layout || own.size() != 1 || own.front().role != Role::kFeatures ||
      a.before + a.after + b.before + b.after != 0)
    return {};
  Computed both = a;
  both.direction = -1;
  if (a.layer == b.layer && a.direction == 0 && b.direction == 1) {
    both.layout = a.layout.with(axis, {both_directions(), own.front()});
    return both;
  }
  if (a.direction >= 0 || b.direction >= 0 || a.layout.has(Role::kDirections)) return {};
  both.layer = joined_directions(chain, a, b);
  both.layout = a.layout.with(axis, {features_of(2 * own.front().size)});
  return both.layer < 0 ? std::nullopt : std::optional(both);
}

// Y_h of several layers along their directions.
std::optional<States> joined_states(const ChainNode& node) {
  States states;
  for (size_t k = 0; k < node.size(); ++k) {
    const Computed& part = node.computed(k);
    const AxisFactors& own = part.layout[0];
    const bool both = own.size() == 1 && own.front().role == Role::kDirections;
    if (!part.is_state || part.direction >= 0 || !(own.empty() || both)) return {};
    if (k > 0 && states.each != (both ? 2 : 1)) return {};
    states.each = both ? 2 : 1;
    states.parts.push_back(part);
  }
  return states;
}

ChainValues concat(Chain& chain, const ChainNode& node) {
  if (node.size() == 1) return {node[0]};
  bool zero = true, sizes = true;
  for (size_t k = 0; k < node.size(); ++k) {
    const auto* constant = node.find<Tensor>(k);
    zero = zero && is_zero(node[k]);
    sizes = sizes && (node.find<SizeList>(k) != nullptr || (constant != nullptr && are_numbers(*constant)));
  }
  if (zero) return {Zeros()};
  if (sizes) return {joined_sizes(node)};
  if (!all_are<Computed>(node) || node.computed(0).layout.rank() == 0)
    node.fail_node("only directions and states are read");
  const int axis = node.computed(0).layout.axis_in(node.needed_integer("axis"));
  if (node.size() == 2) {
    if (auto both = joined_features(chain, node.computed(0), node.computed(1), axis)) return {*both};
  }
  for (size_t k = 0; k < node.size(); ++k)
    if (node.computed(k).layout.rank() == 0) node.fail_node("only directions and states are read");
  if (axis == 0)
    if (auto states = joined_states(node)) return {*std::move(states)};
  node.fail_node("it joins branches; only the two directions of a layer, forward first, are read");
}

// clang-format off: a line an operator
constexpr ChainOperator kGlue[] = {
    {"Cast", convert},
    {"Concat", concat},
    {"ConstantOfShape", zeros},
    {"Dropout", same},
    {"Expand", zeros},
    {"Flatten", flatten},
    {"Gather", gather},
    {"Identity", same},
    {"Pad", pad},
    {"Reshape", reshape},
    {"ReverseSequence", reverse_sequence},
    {"Shape", shape},
    {"Slice", slice},
    {"Split", split},
    {"Squeeze", squeeze},
    {"Transpose", transpose},
    {"Unsqueeze", unsqueeze},
};
// clang-format on

TargetSize product_of(const ChainNode& node, const TargetSize& a, const TargetSize& b) {
  if (a.ids.empty() && b.ids.empty()) {
    int64_t number = 0;
    if (a.number < 0 || b.number < 0 || __builtin_mul_overflow(a.number, b.number, &number))
      node.fail_node(fmt::format("a product of the sizes {} and {}", a.number, b.number));
    return {.number = number};
  }
  if (a.ids.empty() || b.ids.empty()) {
    if ((a.ids.empty() ? a : b).number != 1) node.fail_node("an axis of open size some times is not read");
    return a.ids.empty() ? b : a;
  }
  TargetSize product = a;
  product.ids.insert(product.ids.end(), b.ids.begin(), b.ids.end());
  if (product.ids.size() > kMostSizes) node.fail_node("too many sizes");
  return product;
}

}  // namespace

ChainValues product_of_sizes(const ChainNode& node) {
  const std::vector<TargetSize> a = sizes_at(node, 0), b = sizes_at(node, 1);
  if (a.size() != b.size()) node.fail_node(fmt::format("a product of {} and {} sizes", a.size(), b.size()));
  SizeList product;
  for (size_t k = 0; k < a.size(); ++k) product.sizes.push_back(product_of(node, a[k], b[k]));
  return {numbers_or_sizes(std::move(product), false)};
}

std::span<const ChainOperator> glue_operators() { return kGlue; }

}  // namespace recur::onnx::chain
