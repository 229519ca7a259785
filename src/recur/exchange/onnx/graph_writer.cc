#include "recur/exchange/onnx/graph_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"

namespace recur::onnx {
namespace {

const recur::Attribute& attribute_of(const GraphNode& node, std::string_view name) {
  for (const auto& each : node.attributes.list())
    if (each.name == name) return each.value;
  fail("onnx: the node '{}' lacks the attribute '{}'", node.op, name);
}

}  // namespace

Size size_attribute(const GraphNode& node, std::string_view name) {
  const auto* size = std::get_if<Size>(&attribute_of(node, name).value());
  if (size == nullptr) fail("onnx: attribute '{}' of '{}': expected an integer", name, node.op);
  return *size;
}

std::vector<Size> sizes_attribute(const GraphNode& node, std::string_view name) {
  const auto* sizes = std::get_if<std::vector<Size>>(&attribute_of(node, name).value());
  if (sizes == nullptr) fail("onnx: attribute '{}' of '{}': expected integers", name, node.op);
  return *sizes;
}

GraphWriter::GraphWriter(const Graph& graph)
    : graph_(graph), shared_(std::make_shared<Shared>()), names_(graph.values.size()) {
  for (size_t k = 0; k < graph.inputs.size(); ++k)
    names_[static_cast<size_t>(graph.input_values[k])] = fresh(graph.inputs[k].name);
  // A result has the name of the output that it is; further ones, and outputs that are no results, are copies.
  for (size_t k = 0; k < graph.outputs.size(); ++k) {
    const int v = graph.outputs[k];
    if (v == kAbsent) fail("onnx: the output '{}' has no value", graph.output_names[k]);
    std::string& own = names_[static_cast<size_t>(v)];
    if (value(v).origin == Origin::kNode && own.empty()) own = fresh(graph.output_names[k]);
  }
  find_used();
}

GraphWriter::GraphWriter(GraphWriter& outer, const Graph& body, const Names& names)
    : graph_(body), outer_(&outer), shared_(outer.shared_), names_(body.values.size()) {
  if (names.size() != body.input_values.size())
    fail("onnx: scan: expected {} inputs of the step, got {}", body.input_values.size(), names.size());
  for (size_t k = 0; k < names.size(); ++k) names_[static_cast<size_t>(body.input_values[k])] = names[k];
  find_used();
}

// From the outputs back: a trace has nodes whose results nobody wants.
void GraphWriter::find_used() {
  used_.assign(graph_.values.size(), false);
  for (const int v : graph_.outputs) used_[static_cast<size_t>(v)] = true;
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
    const auto wanted = [&](int v) { return v != kAbsent && used_[static_cast<size_t>(v)]; };
    if (std::ranges::none_of(node->outputs, wanted)) continue;
    for (const int v : node->inputs)
      if (v != kAbsent) used_[static_cast<size_t>(v)] = true;
  }
}

bool GraphWriter::is_used(const GraphNode& node, size_t k) const {
  const int v = node.outputs.at(k);
  return v != kAbsent && used_[static_cast<size_t>(v)];
}

std::string GraphWriter::fresh(const std::string& hint) {
  std::string name = hint.empty() ? "value" : hint;
  for (int k = 2; !shared_->names.insert(name).second; ++k) name = fmt::format("{}_{}", hint, k);
  return name;
}

std::string GraphWriter::name(int index) {
  if (index == kAbsent) return "";
  std::string& own = names_[static_cast<size_t>(index)];
  if (!own.empty()) return own;
  const GraphValue& v = value(index);
  switch (v.origin) {
    case Origin::kParameter:
      own = constant(v.tensor, v.name);
      break;
    case Origin::kConstant:
      own = constant(v.tensor);
      break;
    case Origin::kNode:
      own = fresh(graph_.nodes[static_cast<size_t>(v.node)].op);
      break;
    case Origin::kInput:
      fail("onnx: the input '{}' is not among those of its graph", v.name);
  }
  return own;
}

std::string GraphWriter::add(const std::string& op, const Names& inputs, const Attributes& attributes) {
  return add_many(op, inputs, attributes, {op})[0];
}

GraphWriter::Names GraphWriter::add_many(const std::string& op, const Names& inputs, const Attributes& attributes,
                                         const Names& hints) {
  Names outputs;
  for (const std::string& hint : hints) outputs.push_back(hint.empty() ? "" : fresh(hint));
  put(op, inputs, outputs, attributes);
  return outputs;
}

void GraphWriter::put(const std::string& op, const Names& inputs, const Names& outputs, const Attributes& attributes) {
  nodes_.push_back({.op = op, .inputs = inputs, .outputs = outputs, .attributes = attributes});
}

std::string GraphWriter::constant(const Tensor& tensor, const std::string& hint, bool is_bool) {
  std::string name = fresh(hint);
  shared_->initializers.push_back({.name = name, .value = tensor, .is_bool = is_bool});
  return name;
}

std::string GraphWriter::integers(const std::vector<int64_t>& values) {
  std::string& known = shared_->known_integers[fmt::format("{}", fmt::join(values, ","))];
  if (known.empty()) known = constant(Tensor::from(values, {std::ssize(values)}), "integers");
  return known;
}

// --- sizes --------------------------------------------------------------------------------------------------------

// They are computed from the inputs before all nodes, so that every scan finds them.
std::string GraphWriter::add_size(const std::string& op, const Names& inputs, const Attributes& attributes) {
  std::string name = fresh("size");
  shared_->sizes.push_back({.op = op, .inputs = inputs, .outputs = {name}, .attributes = attributes});
  return name;
}

std::string GraphWriter::axis(const std::string& name) {
  if (outer_ != nullptr) return outer_->axis(name);
  for (size_t k = 0; k < graph_.inputs.size(); ++k) {
    const std::vector<Size>& shape = graph_.inputs[k].shape;
    for (size_t a = 0; a < shape.size(); ++a) {
      if (shape[a].axis() != name) continue;
      const auto at = static_cast<int64_t>(a);
      return add_size("Shape", {names_[static_cast<size_t>(graph_.input_values[k])]}, {{"start", at}, {"end", at + 1}});
    }
  }
  fail("onnx: no input has the axis {} that a size depends on", name);
}

// ceil((axis + shift) / divisor) = floor((axis + shift + divisor - 1) / divisor), of which nothing is negative.
std::string GraphWriter::factor(const Size::Factor& factor) {
  std::string& known = shared_->known_sizes["factor " + Size(0, {{.factors = {factor}}}).str()];
  if (!known.empty()) return known;
  std::string at = axis(factor.axis);
  const int64_t added = factor.shift + factor.divisor - 1;
  if (added != 0) at = add_size("Add", {at, integers({added})});
  if (factor.divisor != 1) at = add_size("Div", {at, integers({factor.divisor})});
  return known = at;
}

std::string GraphWriter::product(const Size::Term& term) {
  std::string all;
  for (const Size::Factor& each : term.factors) {
    const std::string one = factor(each);
    all = all.empty() ? one : add_size("Mul", {all, one});
  }
  return term.coefficient == 1 ? all : add_size("Mul", {all, integers({term.coefficient})});
}

std::string GraphWriter::sizes(const std::vector<Size>& list) {
  if (std::ranges::all_of(list, [](const Size& size) { return size.is_number(); })) {
    std::vector<int64_t> numbers;
    for (const Size& size : list) numbers.push_back(size.number());
    return integers(numbers);
  }
  if (const auto found = shared_->known_sizes.find(to_string(list)); found != shared_->known_sizes.end())
    return found->second;
  std::string result;
  if (list.size() > 1) {
    Names parts;
    for (const Size& size : list) parts.push_back(sizes({size}));
    result = add_size("Concat", parts, {{"axis", int64_t{0}}});
  } else {
    for (const Size::Term& term : list[0].terms()) {
      const std::string one = product(term);
      result = result.empty() ? one : add_size("Add", {result, one});
    }
    if (list[0].constant_part() != 0) result = add_size("Add", {result, integers({list[0].constant_part()})});
  }
  return shared_->known_sizes[to_string(list)] = result;
}

std::string GraphWriter::scalar_size(const Size& one) {
  if (one.is_number()) return constant(Tensor::from(std::vector<int64_t>{one.number()}, Shape()));
  const std::string vector = size(one);
  std::string& known = shared_->known_sizes["scalar " + one.str()];
  if (known.empty()) known = add_size("Squeeze", {vector, integers({0})});
  return known;
}

// --- conversions --------------------------------------------------------------------------------------------------

std::string GraphWriter::cast(const std::string& name, ElementType type) {
  return add("Cast", {name}, {{"to", static_cast<int64_t>(type)}});
}

std::string GraphWriter::squeezed(const std::string& name, int64_t axis) {
  return add("Squeeze", {name, integers({axis})});
}

std::string GraphWriter::unsqueezed(const std::string& name, int64_t axis) {
  return add("Unsqueeze", {name, integers({axis})});
}

// --- the whole ----------------------------------------------------------------------------------------------------

ValueInfo GraphWriter::info(int index, const std::string& name) const {
  const GraphValue& v = value(index);
  ValueInfo info{.name = name, .type = element_type(v.dtype)};
  info.shape.emplace();
  for (const Size& size : v.shape) {
    if (size.is_number())
      info.shape->push_back({.size = size.number()});
    else
      info.shape->push_back({.axis = size.axis().empty() ? size.str() : size.axis()});
  }
  return info;
}

GraphProto GraphWriter::finish(const std::string& name) {
  GraphProto proto{.name = name};
  for (const int v : graph_.input_values) proto.inputs.push_back(info(v, names_[static_cast<size_t>(v)]));
  std::set<std::string> taken;
  for (size_t k = 0; k < graph_.outputs.size(); ++k) {
    const int v = graph_.outputs[k];
    std::string own = this->name(v);
    if (value(v).origin != Origin::kNode || !taken.insert(own).second) {
      const std::string copy = fresh(graph_.output_names[k]);
      put("Identity", {own}, {copy});
      own = copy;
    }
    proto.outputs.push_back(info(v, own));
  }
  proto.nodes = std::move(shared_->sizes);
  proto.nodes.insert(proto.nodes.end(), nodes_.begin(), nodes_.end());
  proto.initializers = std::move(shared_->initializers);
  return proto;
}

}  // namespace recur::onnx
