// Norms and functions of one value that exporters take apart.
#include <cmath>

#include "recur/exchange/onnx/fuse_nodes.h"

namespace recur::onnx {
namespace {

bool is_close(float value, double expected) { return std::abs(value - expected) <= 1e-4 * std::abs(expected); }

// --- x / sqrt(mean(x^2) + epsilon) of x less its mean ---

struct Mean {
  std::string x;
  int64_t axis = 0;
};

// The mean along one axis that stays.
std::optional<Mean> mean_of(const GraphPattern& graph, const std::string& name) {
  const NodeProto* node = graph.maker(name, "ReduceMean");
  if (node == nullptr || node->inputs.empty()) return {};
  if (!GraphPattern::is(*node, "keepdims", int64_t{1}, true)) return {};
  const Attribute* axes = node->find("axes");
  std::vector<int64_t> list;
  if (axes != nullptr) {
    const auto* given = std::get_if<std::vector<int64_t>>(&axes->value);
    if (given != nullptr) list = *given;
  } else if (node->inputs.size() > 1) {
    const Tensor* given = graph.constant(node->inputs[1]);
    if (given != nullptr && given->dtype() == DType::kI64 && given->rank() == 1)
      list.assign(given->values<int64_t>().begin(), given->values<int64_t>().end());
  }
  if (list.size() != 1) return {};
  return Mean{node->inputs[0], list[0]};
}

// x of x^2.
std::string root_of_square(const GraphPattern& graph, const std::string& name) {
  if (const NodeProto* pow = graph.maker(name, "Pow"); pow != nullptr && pow->inputs.size() == 2)
    return graph.number(pow->inputs[1]) == 2.0F ? pow->inputs[0] : std::string();
  const NodeProto* mul = graph.maker(name, "Mul");
  return mul != nullptr && mul->inputs.size() == 2 && mul->inputs[0] == mul->inputs[1] ? mul->inputs[0] : std::string();
}

// The mean that is taken off: x - mean(x).
std::optional<Mean> centred(const GraphPattern& graph, const std::string& name) {
  const NodeProto* sub = graph.maker(name, "Sub");
  if (sub == nullptr || sub->inputs.size() != 2) return {};
  auto mean = mean_of(graph, sub->inputs[1]);
  return mean && mean->x == sub->inputs[0] ? mean : std::nullopt;
}

// A constant that is the other operand of the only reader; that reader becomes the last node.
std::string take_constant(const GraphPattern& graph, const NodeProto*& last, std::string_view op) {
  const NodeProto* reader = graph.only_reader(last->outputs[0], op);
  if (reader == nullptr) return {};
  for (const auto& [one, other] : GraphPattern::either_way(*reader)) {
    const Tensor* value = one == last->outputs[0] ? graph.constant(other) : nullptr;
    if (value == nullptr || value->rank() != 1) continue;
    last = reader;
    return other;
  }
  return {};
}

Fusion layer_norm(const GraphPattern& graph, const NodeProto& divide) {
  const auto off = divide.inputs.size() == 2 ? centred(graph, divide.inputs[0]) : std::nullopt;
  const NodeProto* root = off ? graph.maker(divide.inputs[1], "Sqrt") : nullptr;
  const NodeProto* sum = root != nullptr && !root->inputs.empty() ? graph.maker(root->inputs[0], "Add") : nullptr;
  const auto variance = sum != nullptr ? graph.beside_number(*sum) : std::nullopt;
  const auto squares = variance ? mean_of(graph, variance->first) : std::nullopt;
  const auto again = squares ? centred(graph, root_of_square(graph, squares->x)) : std::nullopt;
  if (!again || again->x != off->x || again->axis != off->axis || squares->axis != off->axis) return {};
  const NodeProto* last = &divide;
  NodeProto norm{.op = "LayerNormalization",
                 .inputs = {off->x},
                 .attributes = {{"axis", off->axis}, {"epsilon", variance->second}},
                 .name = divide.name};
  if (const std::string factor = take_constant(graph, last, "Mul"); !factor.empty()) {
    norm.inputs.push_back(factor);
    if (const std::string offset = take_constant(graph, last, "Add"); !offset.empty()) norm.inputs.push_back(offset);
  }
  norm.outputs = {last->outputs[0]};
  return {.at = last, .nodes = {norm}};
}

// --- x (1 + erf(x / sqrt 2)) / 2 ---

struct Factors {
  float number = 1;
  std::vector<std::string> factors = {};
};

void multiply(const GraphPattern& graph, const std::string& name, int depth, Factors& product) {
  const NodeProto* mul = graph.maker(name, "Mul");
  if (const auto number = graph.number(name)) {
    product.number *= *number;
  } else if (mul == nullptr || mul->inputs.size() != 2 || depth == 0) {
    product.factors.push_back(name);
  } else {
    for (const std::string& each : mul->inputs) multiply(graph, each, depth - 1, product);
  }
}

// x of 1 + erf(x / sqrt 2).
std::string in_erf(const GraphPattern& graph, const std::string& name) {
  const NodeProto* add = graph.maker(name, "Add");
  const auto one = add != nullptr ? graph.beside_number(*add) : std::nullopt;
  const NodeProto* erf = one && one->second == 1 ? graph.maker(one->first, "Erf") : nullptr;
  if (erf == nullptr || erf->inputs.empty()) return {};
  if (const NodeProto* div = graph.maker(erf->inputs[0], "Div"); div != nullptr && div->inputs.size() == 2) {
    const auto by = graph.number(div->inputs[1]);
    return by && is_close(*by, std::sqrt(2.0)) ? div->inputs[0] : std::string();
  }
  const NodeProto* mul = graph.maker(erf->inputs[0], "Mul");
  const auto by = mul != nullptr ? graph.beside_number(*mul) : std::nullopt;
  return by && is_close(by->second, std::sqrt(0.5)) ? by->first : std::string();
}

Fusion gelu(const GraphPattern& graph, const NodeProto& last) {
  Factors product;
  for (const std::string& each : last.inputs) multiply(graph, each, 1, product);
  if (product.factors.size() != 2 || !is_close(product.number, 0.5)) return {};
  for (size_t k = 0; k < 2; ++k) {
    const std::string& x = product.factors[k];
    if (in_erf(graph, product.factors[1 - k]) != x) continue;
    return {.at = &last, .nodes = {{.op = "Gelu", .inputs = {x}, .outputs = {last.outputs[0]}, .name = last.name}}};
  }
  return {};
}

Fusion magnitude(const GraphPattern& graph, const NodeProto& last) {
  const NodeProto* add = last.inputs.size() == 1 ? graph.maker(last.inputs[0], "Add") : nullptr;
  if (add == nullptr || add->inputs.size() != 2) return {};
  const std::string a = root_of_square(graph, add->inputs[0]), b = root_of_square(graph, add->inputs[1]);
  if (a.empty() || b.empty()) return {};
  return {.at = &last,
          .nodes = {{.op = kMagnitude, .inputs = {a, b}, .outputs = {last.outputs[0]}, .name = last.name}}};
}

}  // namespace

Fusion fused_function(const GraphPattern& graph, const NodeProto& last) {
  if (last.outputs.size() != 1 || !graph.makes(last) || !last.domain.empty()) return {};
  if (last.op == "Div") return layer_norm(graph, last);
  if (last.op == "Mul") return gelu(graph, last);
  if (last.op == "Sqrt") return magnitude(graph, last);
  return {};
}

}  // namespace recur::onnx
