// Builds an ONNX graph out of a Graph, node by node: names, constants, and the numbers that depend on open sizes.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "recur/autograd/graph.h"
#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

class GraphWriter {
 public:
  using Names = std::vector<std::string>;
  using Attributes = std::vector<Attribute>;

  explicit GraphWriter(const Graph& graph);
  // Of the step of a scan in `outer`, whose values it may use: `names` are those of the step's inputs.
  GraphWriter(GraphWriter& outer, const Graph& body, const Names& names);
  GraphWriter(const GraphWriter&) = delete;
  GraphWriter& operator=(const GraphWriter&) = delete;

  const Graph& graph() const { return graph_; }
  const GraphValue& value(int index) const { return graph_.values[static_cast<size_t>(index)]; }
  // "" of an absent value. Parameters and constants become initializers when they are asked for.
  std::string name(int index);
  // Of input k of a node, and of its output; a node may have fewer inputs.
  std::string in(const GraphNode& node, size_t k) { return k < node.inputs.size() ? name(node.inputs[k]) : ""; }
  std::string out(const GraphNode& node, size_t k = 0) { return name(node.outputs.at(k)); }
  bool has(const GraphNode& node, size_t k) const { return k < node.inputs.size() && node.inputs[k] != kAbsent; }
  // Whether anything that counts reads output k of a node.
  bool is_used(const GraphNode& node, size_t k) const;

  // A node of one output, or of several; the names are new, beginning with `hint`.
  std::string add(const std::string& op, const Names& inputs, const Attributes& attributes = {});
  Names add_many(const std::string& op, const Names& inputs, const Attributes& attributes, const Names& hints);
  // A node whose outputs have these names.
  void put(const std::string& op, const Names& inputs, const Names& outputs, const Attributes& attributes = {});
  // The ONNX node that makes the first output of a node of the graph.
  void emit(const GraphNode& node, const std::string& op, const Names& inputs, const Attributes& attributes = {}) {
    put(op, inputs, {out(node)}, attributes);
  }

  // --- Constants ---
  std::string constant(const Tensor& tensor, const std::string& hint = "constant", bool is_bool = false);
  std::string scalar(double value, DType dtype) { return constant(Tensor::scalar(value, dtype)); }
  std::string integers(const std::vector<int64_t>& values);  // i64 [n]

  // --- Sizes, i64 ---
  std::string sizes(const std::vector<Size>& list);  // [n]
  std::string size(const Size& one) { return sizes({one}); }
  std::string scalar_size(const Size& one);  // []

  // --- Conversions ---
  std::string cast(const std::string& name, ElementType type);
  std::string cast(const std::string& name, DType dtype) { return cast(name, element_type(dtype)); }
  std::string squeezed(const std::string& name, int64_t axis);
  std::string unsqueezed(const std::string& name, int64_t axis);

  std::string fresh(const std::string& hint);
  std::vector<NodeProto> take_nodes() { return std::move(nodes_); }
  // Inputs, outputs, initializers and the nodes that were written. REQUIRES: not of a step.
  GraphProto finish(const std::string& name);

 private:
  struct Shared {
    std::set<std::string, std::less<>> names;
    std::vector<TensorProto> initializers;
    std::vector<NodeProto> sizes;  // compute the sizes, before all else
    std::map<std::string, std::string> known_sizes;
    std::map<std::string, std::string> known_integers;
  };

  void find_used();
  std::string add_size(const std::string& op, const Names& inputs, const Attributes& attributes = {});
  std::string product(const Size::Term& term);
  std::string factor(const Size::Factor& factor);
  std::string axis(const std::string& name);
  ValueInfo info(int value, const std::string& name) const;

  const Graph& graph_;
  GraphWriter* outer_ = nullptr;
  std::shared_ptr<Shared> shared_;
  std::vector<std::string> names_;  // of the values, "" where not yet
  std::vector<bool> used_;
  std::vector<NodeProto> nodes_;
};

// The integers of a node as they are in the graph: open sizes and all.
Size size_attribute(const GraphNode& node, std::string_view name);
std::vector<Size> sizes_attribute(const GraphNode& node, std::string_view name);

}  // namespace recur::onnx
