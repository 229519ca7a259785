#include "recur/ops/run_graph.h"

#include <algorithm>

namespace recur {
namespace {

std::string full_name(const GraphInput& input) {
  return fmt::format("input '{}': expected {} {}", input.name, name_of(input.dtype), to_string(input.shape));
}

// What the axes are in these inputs, added to `sizes`.
void measure(const GraphInput& input, const Tensor& tensor, AxisSizes& sizes) {
  if (!tensor.defined() || tensor.dtype() != input.dtype || tensor.rank() != static_cast<int>(input.shape.size()))
    fail("graph: {}, got {}", full_name(input),
         tensor.defined() ? fmt::format("{} {}", name_of(tensor.dtype()), tensor.shape().str()) : "none");
  for (int k = 0; k < tensor.rank(); ++k) {
    const std::string axis = input.shape[k].axis();
    const bool is_new = std::ranges::none_of(sizes, [&](const AxisSize& each) { return each.axis == axis; });
    if (!axis.empty() && is_new) sizes.push_back({axis, tensor.size(k)});
  }
}

void check(const GraphInput& input, const Tensor& tensor, const AxisSizes& sizes) {
  for (int k = 0; k < tensor.rank(); ++k)
    if (input.shape[k].at(sizes) != tensor.size(k))
      fail("graph: {} with {}, got {}", full_name(input), to_string(sizes), tensor.shape().str());
}

// One run.
class Run {
 public:
  Run(const Graph& graph, const OpTable& table, AxisSizes sizes)
      : graph_(graph), table_(table), sizes_(std::move(sizes)), values_(graph.values.size()) {}

  Tensors operator()(const Tensors& inputs) {
    take(inputs);
    count_uses();
    for (const GraphNode& node : graph_.nodes) run(node);
    Tensors outputs;
    for (const int value : graph_.outputs) outputs.push_back(at(value));
    return outputs;
  }

 private:
  void take(const Tensors& inputs) {
    if (inputs.size() != graph_.inputs.size())
      fail("graph: expected {} inputs, got {}", graph_.inputs.size(), inputs.size());
    for (size_t k = 0; k < inputs.size(); ++k) measure(graph_.inputs[k], inputs[k], sizes_);
    for (size_t k = 0; k < inputs.size(); ++k) check(graph_.inputs[k], inputs[k], sizes_);
    for (size_t v = 0; v < values_.size(); ++v) values_[v] = graph_.values[v].tensor;
    for (size_t k = 0; k < inputs.size(); ++k) values_[graph_.input_values[k]] = inputs[k];
  }

  // How often each value is still needed: it is dropped with the last use.
  void count_uses() {
    uses_.assign(values_.size(), 0);
    const auto count = [&](const std::vector<int>& used) {
      for (const int value : used)
        if (value != kAbsent) ++uses_[value];
    };
    for (const GraphNode& node : graph_.nodes) count(node.inputs);
    count(graph_.outputs);
  }

  Tensor at(int value) const { return value == kAbsent ? Tensor() : values_[value]; }

  void run(const GraphNode& node) {
    Tensors inputs;
    for (const int value : node.inputs) inputs.push_back(at(value));
    for (const int value : node.inputs)
      if (value != kAbsent && --uses_[value] == 0) values_[value] = Tensor();
    const Attributes attributes = node.attributes.at(sizes_);
    OpCall call{.inputs = inputs, .attributes = attributes};
    if (node.body != nullptr) call.body = [&](const Tensors& in) { return Run(*node.body, table_, sizes_)(in); };
    const Tensors outputs = table_.at(node.op).run(call).outputs;
    if (outputs.size() != node.outputs.size())
      fail("graph: '{}' gave {} outputs, not {}", node.op, outputs.size(), node.outputs.size());
    for (size_t k = 0; k < outputs.size(); ++k)
      if (node.outputs[k] != kAbsent && uses_[node.outputs[k]] > 0) values_[node.outputs[k]] = outputs[k];
  }

  const Graph& graph_;
  const OpTable& table_;
  AxisSizes sizes_;
  Tensors values_;
  std::vector<int> uses_;
};

}  // namespace

Tensors run_graph(const Graph& graph, const Tensors& inputs, const OpTable& table) {
  return Run(graph, table, {})(inputs);
}

Graph open_graph(const Graph& graph, const Trace::Opens& opens, const OpTable& table) {
  TraceSpec spec{.inputs = graph.inputs, .outputs = graph.output_names, .opens = opens};
  for (const GraphValue& value : graph.values)
    if (value.origin == Origin::kParameter) spec.parameters.push_back({value.name, value.tensor});
  return trace_graph(spec, [&](const Tensors& inputs) { return run_graph(graph, inputs, table); });
}

}  // namespace recur
