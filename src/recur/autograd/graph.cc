#include "recur/autograd/graph.h"

#include <algorithm>

namespace recur {
namespace {

std::string described(const Graph& graph, int value) {
  if (value == kAbsent) return "-";
  const GraphValue& v = graph.values[value];
  return fmt::format("{} {} {}", graph.name_of(value), name_of(v.dtype), to_string(v.shape));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string indented(const std::string& text) {
  std::string result = "    ";
  for (size_t k = 0; k < text.size(); ++k) {
    result += text[k];
    if (text[k] == '\n' && k + 1 < text.size()) result += "    ";
  }
  return result;
}

std::string text_of(const Graph& graph, const GraphNode& node) {
  std::vector<std::string> in, out;
  for (const int value : node.inputs) in.push_back(graph.name_of(value));
  for (const int value : node.outputs) out.push_back(described(graph, value));
  const std::string attributes = node.attributes.list().empty() ? "" : " " + node.attributes.str();
  std::string text = fmt::format("{} = {}({}){}\n", joined(out), node.op, joined(in), attributes);
  if (node.body != nullptr) text += indented(node.body->str());
  return text;
}

}  // namespace

std::vector<std::string> Graph::axes() const {
  std::vector<std::string> result;
  for (const GraphInput& input : inputs)
    for (const Size& size : input.shape)
      for (const Size::Term& term : size.terms())
        for (const Size::Factor& factor : term.factors)
          if (std::ranges::find(result, factor.axis) == result.end()) result.push_back(factor.axis);
  return result;
}

std::string Graph::name_of(int value) const {
  if (value == kAbsent) return "-";
  const GraphValue& v = values[value];
  if (!v.name.empty()) return v.name;
  if (v.origin == Origin::kConstant && v.tensor.numel() == 1) return fmt::format("{}", v.tensor.item());
  return fmt::format("%{}", value);
}

std::string Graph::str() const {
  std::vector<std::string> in, out;
  for (const int value : input_values) in.push_back(described(*this, value));
  for (const int value : outputs) out.push_back(name_of(value));
  std::string text = "inputs: " + joined(in) + "\n";
  for (const GraphNode& node : nodes) text += text_of(*this, node);
  return text + "outputs: " + joined(out) + "\n";
}

}  // namespace recur
