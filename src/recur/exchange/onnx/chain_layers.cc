#include "recur/exchange/onnx/chain_layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/exchange/keras/keras_weights.h"

namespace recur::onnx::chain {
namespace {

// Part `part` of `parts` of row d, its gates in Recur's order: [D, parts G H, ...] -> [G H, ...].
Tensor gates_of_row(const Tensor& all, int64_t d, const std::vector<int>& gates, int64_t part = 0, int64_t parts = 1) {
  const int64_t count = all.numel() / all.size(0) / parts, each = count / std::ssize(gates);
  Shape shape{all.size(1) / parts};
  if (all.rank() == 3) shape = Shape{all.size(1), all.size(2)};
  Tensor out = Tensor::empty(shape);
  float* to = out.data<float>();
  const float* from = all.data<float>() + (d * parts + part) * count;
  for (const int gate : gates) to = std::copy_n(from + gate * each, each, to);
  return out;
}

void expect(const ChainNode& node, const char* what, const Tensor& got, const Shape& shape) {
  if (got.shape() != shape)
    node.fail_node(fmt::format("{}: expected {}, got {}", what, shape.str(), got.shape().str()));
}

}  // namespace

FoundLayer recurrent_of(const ChainNode& node, const RecurrentKind& kind, const NodeWeights& weights, int64_t d) {
  const int64_t directions = kind.directions(), rows = std::ssize(kind.gates) * kind.hidden;
  if (weights.w.rank() != 3) node.fail_node(fmt::format("W: expected 3 axes, got {}", weights.w.shape().str()));
  const int64_t features = weights.w.size(2);
  if (features < 1) node.fail_node("W: expected features, got none");
  expect(node, "W", weights.w, {directions, rows, features});
  expect(node, "R", weights.r, {directions, rows, kind.hidden});
  FoundLayer found{.name = node.place(),
                   .layer = {.kind = kind.cell, .size = kind.hidden, .bias = weights.b.defined()},
                   .input = features,
                   .tensors = {{"weight_ih_l0", gates_of_row(weights.w, d, kind.gates)},
                               {"weight_hh_l0", gates_of_row(weights.r, d, kind.gates)}}};
  if (weights.b.defined()) {
    expect(node, "B", weights.b, {directions, 2 * rows});
    found.tensors.push_back({"bias_ih_l0", gates_of_row(weights.b, d, kind.gates, 0, 2)});
    found.tensors.push_back({"bias_hh_l0", gates_of_row(weights.b, d, kind.gates, 1, 2)});
  }
  if (weights.p.defined()) {
    expect(node, "P", weights.p, {directions, 3 * kind.hidden});
    const Tensor flat = gates_of_row(weights.p, d, {0, 2, 1});  // i o f -> i f o
    found.tensors.push_back({"peephole_l0", flat.alias(0, {3, kind.hidden})});
  }
  return found;
}

std::optional<FoundLayer> both_ways(const FoundLayer& forward, const FoundLayer& reverse) {
  if (forward.layer != reverse.layer || forward.input != reverse.input) return {};
  FoundLayer both = forward;
  both.layer.bidirectional = true;
  for (const NamedTensor& tensor : reverse.tensors) both.tensors.push_back({tensor.name + "_reverse", tensor.value});
  return both;
}

int add_scale(Chain& chain, const ChainNode& node, int parent, const Tensor& factor, const Tensor& offset) {
  const std::string_view kind = chain.kind(parent);
  if (!factor.defined() && (kind == "dense" || kind == "conv") && !chain[parent].found.layer.bias) {
    FoundLayer found = chain[parent].found;
    found.layer.bias = true;
    found.tensors.push_back({"bias", offset});
    return chain.add(chain[parent].parent, std::move(found));
  }
  Tensor first, base;
  int64_t features = (factor.defined() ? factor : offset).numel();
  if (kind == "scale") {
    first = chain[parent].found.tensors[0].value;
    base = chain[parent].found.tensors[1].value;
    features = std::max(features, first.numel());
    parent = chain[parent].parent;
  }
  // One number is for all features.
  const auto at = [](const Tensor& values, int64_t k, float usual) {
    return values.defined() ? values.data<float>()[values.numel() == 1 ? 0 : k] : usual;
  };
  Tensor weight = Tensor::empty({features}), bias = weight.clone();
  for (int64_t k = 0; k < features; ++k) {
    weight.data<float>()[k] = at(first, k, 1) * at(factor, k, 1);
    bias.data<float>()[k] = at(base, k, 0) * at(factor, k, 1) + at(offset, k, 0);
  }
  return chain.add(parent, {.name = node.place(),
                            .layer = {.kind = "scale"},
                            .input = features > 1 ? features : 0,
                            .tensors = {{"weight", weight}, {"bias", bias}}});
}

Tensor turned(const Tensor& matrix) {
  const int64_t rows = matrix.size(0), columns = matrix.size(1);
  Tensor out = Tensor::empty({columns, rows});
  float* to = out.data<float>();
  for (int64_t column = 0; column < columns; ++column)
    for (int64_t row = 0; row < rows; ++row) *to++ = matrix.data<float>()[row * columns + column];
  return out;
}

const Computed& whole(const ChainNode& node, size_t k) {
  const Computed& x = node.computed(k);
  if (x.direction >= 0) node.fail_node("it reads one direction of a bidirectional layer alone, which is not read");
  if (x.before != 0 || x.after != 0) node.fail_node("padding is read only before a Conv");
  return x;
}

Computed behind(Chain& chain, const Computed& x, FoundLayer found, TensorLayout layout) {
  return {.input = x.input, .layer = chain.add(x.layer, std::move(found)), .layout = std::move(layout)};
}

TensorLayout taken_or_one(const TensorLayout& layout, int axis, Role role) {
  return layout[axis].empty() ? layout : layout.taken(axis, role);
}

// --- what is no part of the chain ---

std::set<std::string> inputs_of(const ChainValue& value) {
  if (const auto* elements = std::get_if<Elements>(&value)) return {elements->input};
  if (const auto* computed = std::get_if<Computed>(&value)) return {computed->input};
  if (const auto* refusal = std::get_if<Refusal>(&value)) return refusal->inputs;
  return {};
}

Refusal::Depends depends_of(const ChainValue& value) {
  if (const auto* refusal = std::get_if<Refusal>(&value)) return refusal->depends;
  if (std::holds_alternative<States>(value)) return Refusal::kStates;
  const auto depends = [](const auto& made) {
    if (made.layer < 0) return Refusal::kInputs;
    return made.is_state ? Refusal::kStates : Refusal::kLayers;
  };
  if (const auto* elements = std::get_if<Elements>(&value)) return depends(*elements);
  const auto* computed = std::get_if<Computed>(&value);
  return computed == nullptr ? Refusal::kInputs : depends(*computed);
}

bool is_zero(const ChainValue& value) {
  if (std::holds_alternative<Zeros>(value)) return true;
  const auto* constant = std::get_if<Tensor>(&value);
  if (constant == nullptr || constant->dtype() != DType::kF32) return false;
  return std::ranges::all_of(constant->values<float>(), [](float v) { return v == 0; });
}

void take_lengths(Chain& chain, const ChainNode& node, size_t k, int64_t steps) {
  if (!node.has(k)) return;
  if (const auto* fixed = node.find<Tensor>(k)) {
    const std::vector<int64_t> lengths = are_numbers(*fixed) ? numbers_in(*fixed) : std::vector<int64_t>();
    if (lengths.empty() || !std::ranges::all_of(lengths, [&](int64_t each) { return each == steps; }))
      node.fail_node("constant lengths are read only where they are the number of steps");
    return;
  }
  if (depends_of(node[k]) != Refusal::kInputs) node.fail_node("lengths that layers compute are not read");
  chain.lengths.merge(inputs_of(node[k]));
}

bool take_state(Chain& chain, const ChainNode& node, size_t k) {
  if (!node.has(k) || is_zero(node[k])) return false;
  const auto* refusal = node.find<Refusal>(k);
  const auto* computed = node.find<Computed>(k);
  const auto* elements = node.find<Elements>(k);
  if ((refusal != nullptr && refusal->depends == Refusal::kInputs && refusal->is_moved) ||
      (computed != nullptr && computed->layer < 0) || (elements != nullptr && elements->layer < 0)) {
    chain.states.merge(inputs_of(node[k]));
    return true;
  }
  if (refusal != nullptr && refusal->depends == Refusal::kInputs) node.fail_node(*refusal->why);
  node.fail_node(fmt::format("input {}: initial states are read if they are zero or inputs of the model", k));
}

ChainValues embedding(Chain& chain, const ChainNode& node) {
  const Tensor table = node.constant(0);
  const Computed& x = whole(node, 1);
  if (table.rank() != 2 || table.numel() == 0 || node.integer("axis", 0) != 0)
    node.fail_node(fmt::format("expected a table [V, E] and axis 0, got {}", table.shape().str()));
  if (x.layer >= 0) node.fail_node("symbols that layers compute are not read");
  std::vector<AxisFactors> axes;
  for (int k = 0; k < x.layout.rank(); ++k) axes.push_back(x.layout[k]);
  axes.push_back({features_of(table.size(1))});
  return {behind(chain, x, keras::embedding_layer(node.place(), table), TensorLayout(std::move(axes)))};
}

}  // namespace recur::onnx::chain
