// Who makes and who reads the values of a graph, to find several nodes that are one operator taken apart.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

// Of a graph that must outlive it. Names of no value, as of inputs, are no error.
class GraphPattern {
 public:
  explicit GraphPattern(const GraphProto& graph);

  // The node that makes the value if it is of this operator, else null.
  const NodeProto* maker(const std::string& name, std::string_view op) const;
  const NodeProto* maker(const std::string& name) const;
  // Whether the node gives its first output, and no other before it does.
  bool makes(const NodeProto& node) const { return !node.outputs.empty() && maker(node.outputs[0]) == &node; }
  // Of an initializer or of a node Constant, else null.
  const Tensor* constant(const std::string& name) const;
  std::optional<float> number(const std::string& name) const;  // a constant of one element
  // The nodes that read the value; an output of the graph is read by null.
  std::vector<const NodeProto*> readers(const std::string& name) const;
  // The one node that reads the value, if it is of this operator, else null.
  const NodeProto* only_reader(const std::string& name, std::string_view op) const;
  // The input of the graph whose elements these are, in another order or shape; else empty.
  std::string input_of(std::string name) const;
  bool comes_before(const std::string& input, const std::string& other) const;  // among the inputs of the graph

  // Whether the node has this attribute with this value; `usual` where it has none of that name.
  template <class T>
  static bool is(const NodeProto& node, std::string_view attribute, const T& value, bool usual) {
    const Attribute* given = node.find(attribute);
    const T* found = given == nullptr ? nullptr : std::get_if<T>(&given->value);
    return given == nullptr ? usual : found != nullptr && *found == value;
  }

  // The operands of a node of two, either way round.
  using Operands = std::pair<std::string, std::string>;
  static std::vector<Operands> either_way(const NodeProto& node);
  // The operand beside a constant of one element, of a sum or a product.
  std::optional<std::pair<std::string, float>> beside_number(const NodeProto& node) const;

 private:
  const GraphProto& graph_;
  std::map<std::string, const NodeProto*> makers_;
  std::map<std::string, const Tensor*> constants_;
  std::multimap<std::string, const NodeProto*> readers_;
};

}  // namespace recur::onnx
