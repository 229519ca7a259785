#include "recur/autograd/join_traces.h"

#include <cstring>
#include <functional>

#include "recur/autograd/fit_size.h"

namespace recur {
namespace {

using Graphs = std::vector<const Graph*>;

class Joiner {
 public:
  Joiner(const std::vector<AxisSizes>& sizes, Graphs graphs) : sizes_(sizes), graphs_(std::move(graphs)) {}

  Graph join() {
    Graph result = *graphs_[0];
    same_ops();
    for (const Graph* graph : graphs_)
      if (graph->outputs != result.outputs || graph->values.size() != result.values.size())
        fail("trace: the outputs come from different ops at different sizes");
    for (size_t n = 0; n < result.nodes.size(); ++n) join_node(n, result.nodes[n]);
    for (size_t v = 0; v < result.values.size(); ++v) join_value(v, result.values[v]);
    for (size_t k = 0; k < result.inputs.size(); ++k)
      result.inputs[k].shape = result.values[result.input_values[k]].shape;
    return result;
  }

 private:
  std::string at(size_t i) const { return sizes_[i].empty() ? fmt::format("trace {}", i + 1) : to_string(sizes_[i]); }

  void same_ops() const {
    const Graph& first = *graphs_[0];
    for (size_t i = 1; i < graphs_.size(); ++i) {
      const Graph& other = *graphs_[i];
      for (size_t n = 0; n < std::max(first.nodes.size(), other.nodes.size()); ++n) {
        const auto name = [n](const Graph& g) { return n < g.nodes.size() ? "'" + g.nodes[n].op + "'" : "missing"; };
        if (name(first) != name(other))
          fail("trace: node {} is {} at {} and {} at {}: the model runs different ops at different sizes", n,
               name(first), at(0), name(other), at(i));
      }
    }
  }

  // One integer of all traces.
  Size fitted(const std::string& what, const std::function<int64_t(const Graph&)>& get) const {
    std::vector<int64_t> values;
    for (const Graph* graph : graphs_) values.push_back(get(*graph));
    if (auto size = fit_size(sizes_, values)) return *size;
    std::string seen;
    for (size_t i = 0; i < std::min<size_t>(values.size(), 4); ++i)
      seen += fmt::format("{}{} at {}", i == 0 ? "" : ", ", values[i], at(i));
    fail("trace: {}: no polynomial in the axes fits its values ({}, ...)", what, seen);
  }

  std::vector<Size> fitted_list(const std::string& what,
                                const std::function<const std::vector<Size>&(const Graph&)>& get) const {
    const size_t count = get(*graphs_[0]).size();
    for (size_t i = 1; i < graphs_.size(); ++i)
      if (get(*graphs_[i]).size() != count)
        fail("trace: {}: {} numbers at {} and {} at {}", what, count, at(0), get(*graphs_[i]).size(), at(i));
    std::vector<Size> result;
    for (size_t k = 0; k < count; ++k)
      result.push_back(fitted(fmt::format("{}[{}]", what, k), [&](const Graph& g) { return get(g)[k].number(); }));
    return result;
  }

  void join_node(size_t n, GraphNode& node) const {
    const std::string who = fmt::format("node {} '{}'", n, node.op);
    for (size_t i = 1; i < graphs_.size(); ++i) {
      const GraphNode& other = graphs_[i]->nodes[n];
      if (other.inputs.size() != node.inputs.size())
        fail("trace: {}: {} inputs at {} and {} at {}", who, node.inputs.size(), at(0), other.inputs.size(), at(i));
      if (other.inputs != node.inputs || other.outputs != node.outputs)
        fail("trace: {}: its inputs come from different ops at {} than at {}", who, at(i), at(0));
      if (other.attributes.list().size() != node.attributes.list().size())
        fail("trace: {}: its attributes differ between {} and {}", who, at(i), at(0));
    }
    Attributes joined;
    for (size_t k = 0; k < node.attributes.list().size(); ++k) {
      const std::string& name = node.attributes.list()[k].name;
      joined.set(name, join_attribute(who, n, k));
    }
    node.attributes = std::move(joined);
    if (node.body == nullptr) return;
    Graphs bodies;
    for (const Graph* graph : graphs_) bodies.push_back(graph->nodes[n].body.get());
    node.body = std::make_shared<Graph>(Joiner(sizes_, std::move(bodies)).join());
  }

  Attribute join_attribute(const std::string& who, size_t n, size_t k) const {
    const auto get = [n, k](const Graph& g) -> const Attributes::Named& { return g.nodes[n].attributes.list()[k]; };
    const Attributes::Named& first = get(*graphs_[0]);
    const std::string what = fmt::format("{}, attribute '{}'", who, first.name);
    if (std::holds_alternative<Size>(first.value.value()))
      return fitted(what, [&](const Graph& g) { return std::get<Size>(get(g).value.value()).number(); });
    if (std::holds_alternative<std::vector<Size>>(first.value.value()))
      return fitted_list(what, [&](const Graph& g) -> const std::vector<Size>& {
        return std::get<std::vector<Size>>(get(g).value.value());
      });
    for (size_t i = 1; i < graphs_.size(); ++i)
      if (!(get(*graphs_[i]) == first))
        fail("trace: {}: {} at {} and {} at {}", what, first.value.str(), at(0), get(*graphs_[i]).value.str(), at(i));
    return first.value;
  }

  // "node 3 'mul', input 1": the first use of a value.
  std::string user_of(size_t v) const {
    for (size_t n = 0; n < graphs_[0]->nodes.size(); ++n) {
      const GraphNode& node = graphs_[0]->nodes[n];
      for (size_t k = 0; k < node.inputs.size(); ++k)
        if (node.inputs[k] == static_cast<int>(v)) return fmt::format("node {} '{}', input {}", n, node.op, k);
    }
    return "an output";
  }

  void join_value(size_t v, GraphValue& value) const {
    const std::string who = value.origin == Origin::kNode ? fmt::format("node {} '{}', output {}", value.node,
                                                                        graphs_[0]->nodes[value.node].op, value.output)
                            : value.name.empty()          ? user_of(v)
                                                          : "'" + value.name + "'";
    for (size_t i = 1; i < graphs_.size(); ++i) {
      const GraphValue& other = graphs_[i]->values[v];
      if (other.origin != value.origin || other.dtype != value.dtype)
        fail("trace: {}: its source differs between {} and {}", who, at(i), at(0));
      if (value.origin == Origin::kConstant) same_constant(who, value.tensor, other.tensor, i);
    }
    value.shape =
        fitted_list(who + ", shape", [v](const Graph& g) -> const std::vector<Size>& { return g.values[v].shape; });
  }

  void same_constant(const std::string& who, const Tensor& a, const Tensor& b, size_t i) const {
    const bool same = a.shape() == b.shape() && std::memcmp(std::as_const(a).bytes(), b.bytes(), b.byte_size()) == 0;
    if (same) return;
    fail("trace: {}: a constant is {} at {} and {}{} at {}: it depends on the input or on sizes", who, a.shape().str(),
         at(0), b.shape().str(), a.shape() == b.shape() ? " with other elements" : "", at(i));
  }

  const std::vector<AxisSizes>& sizes_;
  Graphs graphs_;
};

}  // namespace

Graph join_traces(const std::vector<SizedTrace>& traces) {
  if (traces.empty()) fail("trace: nothing to join");
  std::vector<AxisSizes> sizes;
  Graphs graphs;
  for (const SizedTrace& trace : traces) {
    sizes.push_back(trace.sizes);
    graphs.push_back(&trace.graph);
  }
  return Joiner(sizes, std::move(graphs)).join();
}

}  // namespace recur
