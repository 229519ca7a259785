// The numbers of the fields are those of onnx.proto.
#include "recur/base/error.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/onnx/wire.h"

namespace recur::onnx {
namespace {

constexpr size_t kMostBytes = (size_t{1} << 31) - 1;

WireWriter tensor_message(const TensorProto& tensor) {
  WireWriter out;
  const Shape& shape = tensor.value.shape();
  out.integers(1, std::vector<int64_t>(shape.begin(), shape.end()));
  const ElementType type = tensor.is_bool ? ElementType::kBool : element_type(tensor.value.dtype());
  out.integer(2, static_cast<int64_t>(type));
  if (!tensor.name.empty()) out.text(8, tensor.name);
  const Tensor& value = tensor.value;
  out.text(9, {reinterpret_cast<const char*>(value.bytes()), value.byte_size()});
  return out;
}

WireWriter graph_message(const GraphProto& graph);

// What AttributeProto.AttributeType calls each, in the order of the variant.
constexpr int64_t kAttributeTypes[] = {2, 1, 3, 4, 5, 7, 6, 8};

WireWriter attribute_message(const Attribute& attribute) {
  WireWriter out;
  out.text(1, attribute.name);
  struct {
    WireWriter& out;
    void operator()(int64_t value) const { out.integer(3, value); }
    void operator()(float value) const { out.real(2, value); }
    void operator()(const std::string& value) const { out.text(4, value); }
    void operator()(const TensorProto& value) const { out.message(5, tensor_message(value)); }
    void operator()(const std::shared_ptr<const GraphProto>& value) const { out.message(6, graph_message(*value)); }
    void operator()(const std::vector<int64_t>& values) const { out.integers(8, values); }
    void operator()(const std::vector<float>& values) const { out.reals(7, values); }
    void operator()(const std::vector<std::string>& values) const {
      for (const std::string& value : values) out.text(9, value);
    }
  } put{out};
  std::visit(put, attribute.value);
  out.integer(20, kAttributeTypes[attribute.value.index()]);
  return out;
}

WireWriter node_message(const NodeProto& node) {
  WireWriter out;
  for (const std::string& name : node.inputs) out.text(1, name);
  for (const std::string& name : node.outputs) out.text(2, name);
  if (!node.name.empty()) out.text(3, node.name);
  out.text(4, node.op);
  for (const Attribute& attribute : node.attributes) out.message(5, attribute_message(attribute));
  if (!node.domain.empty()) out.text(7, node.domain);
  return out;
}

WireWriter value_message(const ValueInfo& value) {
  WireWriter tensor, type, out;
  tensor.integer(1, static_cast<int64_t>(value.type));
  if (value.shape) {
    WireWriter shape;
    for (const Dimension& dimension : *value.shape) {
      WireWriter one;
      if (dimension.size) one.integer(1, *dimension.size);
      if (!dimension.axis.empty()) one.text(2, dimension.axis);
      shape.message(1, one);
    }
    tensor.message(2, shape);
  }
  type.message(1, tensor);
  out.text(1, value.name);
  out.message(2, type);
  if (!value.doc.empty()) out.text(3, value.doc);
  return out;
}

WireWriter graph_message(const GraphProto& graph) {
  WireWriter out;
  for (const NodeProto& node : graph.nodes) out.message(1, node_message(node));
  out.text(2, graph.name);
  for (const TensorProto& tensor : graph.initializers) out.message(5, tensor_message(tensor));
  for (const ValueInfo& value : graph.inputs) out.message(11, value_message(value));
  for (const ValueInfo& value : graph.outputs) out.message(12, value_message(value));
  return out;
}

}  // namespace

std::string write_model(const ModelProto& model) {
  size_t elements = 0;
  for (const TensorProto& tensor : model.graph.initializers) elements += tensor.value.byte_size();
  if (elements <= kMostBytes) {
    WireWriter out;
    out.integer(1, model.ir_version);
    out.text(2, model.producer);
    out.text(3, model.producer_version);
    if (!model.doc.empty()) out.text(6, model.doc);
    out.message(7, graph_message(model.graph));
    WireWriter opset;
    opset.text(1, "");
    opset.integer(2, model.opset);
    out.message(8, opset);
    for (const auto& [key, value] : model.metadata) {
      WireWriter entry;
      entry.text(1, key);
      entry.text(2, value);
      out.message(14, entry);
    }
    if (out.bytes().size() <= kMostBytes) return out.take();
  }
  fail("onnx: the model is larger than 2 GiB, the most that an ONNX file of one part holds");
}

}  // namespace recur::onnx
