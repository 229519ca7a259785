#include "recur/exchange/onnx/graph_pattern.h"

#include <algorithm>
#include <array>

#include "recur/tensor/dtype.h"

namespace recur::onnx {
namespace {

// Operators that give elements of their first input in another order or shape.
constexpr std::array<std::string_view, 10> kArrangers{"Cast",  "Flatten", "Gather",  "Identity",  "Reshape",
                                                      "Slice", "Split",   "Squeeze", "Transpose", "Unsqueeze"};

const Tensor* value_of(const NodeProto& node) {
  const Attribute* value = node.op == "Constant" ? node.find("value") : nullptr;
  const auto* tensor = value == nullptr ? nullptr : std::get_if<TensorProto>(&value->value);
  return tensor == nullptr ? nullptr : &tensor->value;
}

}  // namespace

GraphPattern::GraphPattern(const GraphProto& graph) : graph_(graph) {
  for (const TensorProto& each : graph.initializers) constants_.emplace(each.name, &each.value);
  for (const NodeProto& node : graph.nodes) {
    for (const std::string& name : node.outputs)
      if (!name.empty()) makers_.emplace(name, &node);
    for (const std::string& name : node.inputs)
      if (!name.empty()) readers_.emplace(name, &node);
    const Tensor* value = value_of(node);
    if (value != nullptr && !node.outputs.empty()) constants_.emplace(node.outputs.front(), value);
  }
  for (const ValueInfo& each : graph.outputs) readers_.emplace(each.name, nullptr);
}

const NodeProto* GraphPattern::maker(const std::string& name) const {
  const auto found = makers_.find(name);
  return found == makers_.end() ? nullptr : found->second;
}

const NodeProto* GraphPattern::maker(const std::string& name, std::string_view op) const {
  const NodeProto* node = maker(name);
  return node != nullptr && node->op == op && node->domain.empty() ? node : nullptr;
}

const Tensor* GraphPattern::constant(const std::string& name) const {
  const auto found = constants_.find(name);
  return found == constants_.end() ? nullptr : found->second;
}

std::optional<float> GraphPattern::number(const std::string& name) const {
  const Tensor* value = constant(name);
  if (value == nullptr || value->numel() != 1 || !is_floating(value->dtype())) return {};
  return value->clone(DType::kF32).data<float>()[0];
}

std::vector<const NodeProto*> GraphPattern::readers(const std::string& name) const {
  std::vector<const NodeProto*> nodes;
  for (auto [at, end] = readers_.equal_range(name); at != end; ++at) nodes.push_back(at->second);
  return nodes;
}

const NodeProto* GraphPattern::only_reader(const std::string& name, std::string_view op) const {
  const auto nodes = readers(name);
  return nodes.size() == 1 && nodes[0] != nullptr && nodes[0]->op == op ? nodes[0] : nullptr;
}

std::string GraphPattern::input_of(std::string name) const {
  for (size_t steps = 0; steps <= graph_.nodes.size(); ++steps) {  // a cycle ends as well
    const NodeProto* node = maker(name);
    if (node == nullptr) break;
    if (std::ranges::count(kArrangers, node->op) == 0 || node->inputs.empty()) return {};
    name = node->inputs.front();
  }
  return std::ranges::count(graph_.inputs, name, &ValueInfo::name) > 0 ? name : std::string();
}

bool GraphPattern::comes_before(const std::string& input, const std::string& other) const {
  const auto at = [&](const std::string& name) { return std::ranges::find(graph_.inputs, name, &ValueInfo::name); };
  return at(input) < at(other);
}

std::vector<GraphPattern::Operands> GraphPattern::either_way(const NodeProto& node) {
  if (node.inputs.size() != 2) return {};
  return {{node.inputs[0], node.inputs[1]}, {node.inputs[1], node.inputs[0]}};
}

std::optional<std::pair<std::string, float>> GraphPattern::beside_number(const NodeProto& node) const {
  for (const auto& [one, other] : either_way(node))
    if (const auto value = number(other)) return {{one, *value}};
  return {};
}

}  // namespace recur::onnx
