// What each op of a graph is in ONNX.
#include <algorithm>
#include <limits>

#include "recur/base/error.h"
#include "recur/exchange/onnx/write_graph.h"
#include "recur/nn/layer_ops.h"
#include "recur/ops/run_graph.h"

namespace recur::onnx {
namespace writing {  // apart from the ops, whose names these functions have
namespace {

using Node = const GraphNode&;
using Names = GraphWriter::Names;

DType dtype_of_output(const GraphWriter& to, Node node) { return to.value(node.outputs.at(0)).dtype; }
int64_t rank_of_input(const GraphWriter& to, Node node, size_t k) {
  return std::ssize(to.value(node.inputs.at(k)).shape);
}

Names inputs_of(GraphWriter& to, Node node) {
  Names names;
  for (const int v : node.inputs) names.push_back(to.name(v));
  return names;
}

int64_t axis_of(Node node) { return node.attributes.integer("axis"); }

// --- elementwise ---

using Write = void (*)(GraphWriter& to, Node node);

void square(GraphWriter& to, Node node) { to.emit(node, "Mul", {to.in(node, 0), to.in(node, 0)}); }

void power(GraphWriter& to, Node node) {
  to.emit(node, "Pow", {to.in(node, 0), to.scalar(node.attributes.real("exponent"), dtype_of_output(to, node))});
}

// Truth is a number of the operands' type.
void compare(GraphWriter& to, Node node, const char* op) {
  const std::string truth = to.add(op, inputs_of(to, node));
  to.emit(node, "Cast", {truth}, {{"to", static_cast<int64_t>(element_type(dtype_of_output(to, node)))}});
}
void equal(GraphWriter& to, Node node) { compare(to, node, "Equal"); }
void less(GraphWriter& to, Node node) { compare(to, node, "Less"); }

void where(GraphWriter& to, Node node) {
  to.emit(node, "Where", {to.cast(to.in(node, 0), ElementType::kBool), to.in(node, 1), to.in(node, 2)});
}

void cast(GraphWriter& to, Node node) {
  to.emit(node, "Cast", {to.in(node, 0)}, {{"to", static_cast<int64_t>(element_type(node.attributes.dtype("dtype")))}});
}

// --- shapes ---

void broadcast_to(GraphWriter& to, Node node) {
  to.emit(node, "Expand", {to.in(node, 0), to.sizes(sizes_attribute(node, "shape"))});
}

// A size of 0 in a list means 0, not "as before".
void reshape(GraphWriter& to, Node node) {
  const std::vector<Size>& shape = to.value(node.outputs.at(0)).shape;
  to.emit(node, "Reshape", {to.in(node, 0), to.sizes(shape)}, {{"allowzero", int64_t{1}}});
}

void concat(GraphWriter& to, Node node) { to.emit(node, "Concat", inputs_of(to, node), {{"axis", axis_of(node)}}); }

void split(GraphWriter& to, Node node) {
  Names outputs;
  for (size_t k = 0; k < node.outputs.size(); ++k) outputs.push_back(to.is_used(node, k) ? to.out(node, k) : "");
  for (std::string& name : outputs)
    if (name.empty()) name = to.fresh("unused");
  to.put("Split", {to.in(node, 0), to.sizes(sizes_attribute(node, "sizes"))}, outputs, {{"axis", axis_of(node)}});
}

void take_range(GraphWriter& to, Node node, int64_t axis, const Size& begin, const std::string& end) {
  to.emit(node, "Slice", {to.in(node, 0), to.size(begin), end, to.integers({axis})});
}

void rows(GraphWriter& to, Node node) {
  take_range(to, node, 0, size_attribute(node, "begin"), to.size(size_attribute(node, "end")));
}

void slice(GraphWriter& to, Node node) {
  const Size begin = size_attribute(node, "begin"), size = size_attribute(node, "size");
  const std::string end = begin.is_number() && size.is_number() ? to.integers({begin.number() + size.number()})
                                                                : to.add("Add", {to.size(begin), to.size(size)});
  take_range(to, node, axis_of(node), begin, end);
}

void flip(GraphWriter& to, Node node) {
  constexpr int64_t kBeforeAll = std::numeric_limits<int64_t>::min();
  to.emit(
      node, "Slice",
      {to.in(node, 0), to.integers({-1}), to.integers({kBeforeAll}), to.integers({axis_of(node)}), to.integers({-1})});
}

// The lists are for the last axes.
void pad(GraphWriter& to, Node node) {
  const std::vector<Size> before = sizes_attribute(node, "before"), after = sizes_attribute(node, "after");
  const auto unpadded = static_cast<size_t>(rank_of_input(to, node, 0)) - before.size();
  std::vector<Size> pads(unpadded, 0);
  pads.insert(pads.end(), before.begin(), before.end());
  pads.insert(pads.end(), unpadded, 0);
  pads.insert(pads.end(), after.begin(), after.end());
  to.emit(node, "Pad",
          {to.in(node, 0), to.sizes(pads), to.scalar(node.attributes.real("value"), dtype_of_output(to, node))});
}

void permute(GraphWriter& to, Node node) {
  to.emit(node, "Transpose", {to.in(node, 0)}, {{"perm", node.attributes.integers("axes")}});
}

// --- made of numbers ---

void arange(GraphWriter& to, Node node) {
  const std::string count = to.scalar_size(size_attribute(node, "n"));
  const std::string zero = to.scalar(0, DType::kI64), one = to.scalar(1, DType::kI64);
  const std::string range = to.add("Range", {zero, count, one});
  to.emit(node, "Cast", {range}, {{"to", static_cast<int64_t>(element_type(node.attributes.dtype("dtype")))}});
}

void filled(GraphWriter& to, Node node) {
  const TensorProto value{.value = Tensor::full({1}, node.attributes.real("value"), node.attributes.dtype("dtype"))};
  to.emit(node, "ConstantOfShape", {to.sizes(sizes_attribute(node, "shape"))}, {{"value", value}});
}

void one_hot(GraphWriter& to, Node node) {
  Tensor values = Tensor::zeros({2}, node.attributes.dtype("dtype"));
  values = Tensor::from(std::vector<float>{0, 1}, {2}).clone(values.dtype());
  to.emit(node, "OneHot",
          {to.in(node, 0), to.scalar_size(size_attribute(node, "vocabulary")), to.constant(values, "off_on")},
          {{"axis", int64_t{-1}}});
}

// --- choosing ---

void embedding(GraphWriter& to, Node node) {
  to.emit(node, "Gather", {to.in(node, 0), to.in(node, 1)}, {{"axis", int64_t{0}}});
}

void gather(GraphWriter& to, Node node) {
  to.emit(node, "GatherElements", {to.in(node, 0), to.in(node, 1)}, {{"axis", axis_of(node)}});
}

// --- along an axis ---

void reduce(GraphWriter& to, Node node, const char* op) {
  to.emit(node, op, {to.in(node, 0)},
          {{"axes", std::vector<int64_t>{axis_of(node)}}, {"keepdims", int64_t{node.attributes.flag("keep_axis")}}});
}
void max(GraphWriter& to, Node node) { reduce(to, node, "ReduceMax"); }
void min(GraphWriter& to, Node node) { reduce(to, node, "ReduceMin"); }
void mean(GraphWriter& to, Node node) { reduce(to, node, "ReduceMean"); }

// Of this one alone the axes are an input.
void reduce_sum(GraphWriter& to, const std::string& x, int64_t axis, bool keep, const std::string& out) {
  to.put("ReduceSum", {x, to.integers({axis})}, {out}, {{"keepdims", int64_t{keep}}});
}
void sum(GraphWriter& to, Node node) {
  reduce_sum(to, to.in(node, 0), axis_of(node), node.attributes.flag("keep_axis"), to.out(node));
}

// top + log(sum(exp(x - top))): the operator itself need not be safe from overflow.
void logsumexp(GraphWriter& to, Node node) {
  const int64_t axis = axis_of(node);
  const std::string x = to.in(node, 0);
  const std::string top = to.add("ReduceMax", {x}, {{"axes", std::vector<int64_t>{axis}}, {"keepdims", int64_t{1}}});
  const std::string sum = to.fresh("sum"), shares = to.add("Exp", {to.add("Sub", {x, top})});
  reduce_sum(to, shares, axis, true, sum);
  const std::string all = to.add("Add", {to.add("Log", {sum}), top});
  if (node.attributes.flag("keep_axis"))
    to.emit(node, "Identity", {all});
  else
    to.emit(node, "Squeeze", {all, to.integers({axis})});
}

void position(GraphWriter& to, Node node, const char* op) {
  const std::string found =
      to.add(op, {to.in(node, 0)}, {{"axis", axis_of(node)}, {"keepdims", int64_t{node.attributes.flag("keep_axis")}}});
  to.emit(node, "Cast", {found}, {{"to", static_cast<int64_t>(ElementType::kInt32)}});
}
void argmax(GraphWriter& to, Node node) { position(to, node, "ArgMax"); }
void argmin(GraphWriter& to, Node node) { position(to, node, "ArgMin"); }

void cumsum(GraphWriter& to, Node node) {
  to.emit(node, "CumSum", {to.in(node, 0), to.constant(Tensor::from(std::vector<int64_t>{axis_of(node)}, Shape()))},
          {{"reverse", int64_t{node.attributes.flag("reversed")}}});
}

void softmax(GraphWriter& to, Node node) { to.emit(node, "Softmax", {to.in(node, 0)}, {{"axis", axis_of(node)}}); }
void log_softmax(GraphWriter& to, Node node) {
  to.emit(node, "LogSoftmax", {to.in(node, 0)}, {{"axis", axis_of(node)}});
}

// --- layers ---

std::string transposed(GraphWriter& to, const std::string& x, int64_t rank) {
  std::vector<int64_t> perm;
  for (int64_t k = 0; k < rank; ++k) perm.push_back(k);
  std::swap(perm[static_cast<size_t>(rank - 1)], perm[static_cast<size_t>(rank - 2)]);
  return to.add("Transpose", {x}, {{"perm", perm}});
}

void matmul(GraphWriter& to, Node node) {
  std::string a = to.in(node, 0), b = to.in(node, 1);
  if (node.attributes.flag("trans_a")) a = transposed(to, a, rank_of_input(to, node, 0));
  if (node.attributes.flag("trans_b")) b = transposed(to, b, rank_of_input(to, node, 1));
  to.emit(node, "MatMul", {a, b});
}

void linear(GraphWriter& to, Node node) {
  const std::string weight = transposed(to, to.in(node, 1), 2);
  if (!to.has(node, 2)) return to.emit(node, "MatMul", {to.in(node, 0), weight});
  to.emit(node, "Add", {to.add("MatMul", {to.in(node, 0), weight}), to.in(node, 2)});
}

void layer_norm(GraphWriter& to, Node node) {
  const Size features = to.value(node.inputs.at(0)).shape.back();
  std::string weight = to.in(node, 1);
  if (weight.empty()) weight = to.constant(Tensor::ones({features.number()}, dtype_of_output(to, node)), "ones");
  Names inputs{to.in(node, 0), weight};
  if (to.has(node, 2)) inputs.push_back(to.in(node, 2));
  to.emit(node, "LayerNormalization", inputs,
          {{"axis", int64_t{-1}}, {"epsilon", static_cast<float>(node.attributes.real("eps"))}});
}

// An attribute of a number for each of the axes; of one axis a number.
std::vector<int64_t> each_axis(Node node, const char* name) {
  for (const auto& each : node.attributes.list())
    if (each.name == name && std::holds_alternative<Size>(each.value.value())) return {node.attributes.integer(name)};
  return node.attributes.integers(name);
}

std::vector<int64_t> on_both_sides(std::vector<int64_t> padding) {
  const std::vector<int64_t> once = padding;
  padding.insert(padding.end(), once.begin(), once.end());
  return padding;
}

void convolution(GraphWriter& to, Node node) {
  Names inputs{to.in(node, 0), to.in(node, 1)};
  if (to.has(node, 2)) inputs.push_back(to.in(node, 2));
  to.emit(node, "Conv", inputs,
          {{"strides", each_axis(node, "stride")},
           {"pads", on_both_sides(each_axis(node, "padding"))},
           {"dilations", each_axis(node, "dilation")},
           {"group", node.attributes.integer("groups")}});
}

GraphWriter::Attributes window_of(Node node) {
  const std::vector<int64_t> kernel = each_axis(node, "kernel");
  std::vector<int64_t> stride = each_axis(node, "stride");
  for (size_t k = 0; k < stride.size(); ++k)
    if (stride[k] == 0) stride[k] = kernel[k];
  return {{"kernel_shape", kernel}, {"strides", stride}, {"pads", on_both_sides(each_axis(node, "padding"))}};
}

void max_pool(GraphWriter& to, Node node) {
  GraphWriter::Attributes attributes = window_of(node);
  attributes.push_back({"dilations", each_axis(node, "dilation")});
  to.emit(node, "MaxPool", {to.in(node, 0)}, attributes);
}

void avg_pool(GraphWriter& to, Node node) {
  for (const int64_t dilation : each_axis(node, "dilation"))
    if (dilation != 1) fail("onnx: opset 17 has no mean over a window with dilation");
  GraphWriter::Attributes attributes = window_of(node);
  attributes.push_back({"count_include_pad", int64_t{node.attributes.flag("count_padding")}});
  to.emit(node, "AveragePool", {to.in(node, 0)}, attributes);
}

// floor((length + stride - 1) / stride)
void strided_lengths(GraphWriter& to, Node node) {
  const int64_t stride = node.attributes.integer("stride");
  const std::string more = to.add("Add", {to.in(node, 0), to.integers({stride - 1})});
  to.emit(node, "Div", {more, to.integers({stride})});
}

struct Entry {
  const char* op;
  Write write;
};

struct Same {
  const char *op, *onnx;
};

// One node, with the same inputs and without attributes.
constexpr Same kSame[] = {
    {"neg", "Neg"},     {"exp", "Exp"},     {"log", "Log"},           {"sqrt", "Sqrt"},
    {"abs", "Abs"},     {"sign", "Sign"},   {"sigmoid", "Sigmoid"},   {"tanh", "Tanh"},
    {"relu", "Relu"},   {"sin", "Sin"},     {"cos", "Cos"},           {"erf", "Erf"},
    {"add", "Add"},     {"sub", "Sub"},     {"mul", "Mul"},           {"div", "Div"},
    {"maximum", "Max"}, {"minimum", "Min"}, {"softplus", "Softplus"}, {"reciprocal", "Reciprocal"}};

constexpr Entry kOps[] = {
    {"square", square},
    {"pow", power},
    {"equal", equal},
    {"less", less},
    {"where", where},
    {"cast", cast},
    {"broadcast_to", broadcast_to},
    {"reshape", reshape},
    {"concat", concat},
    {"split", split},
    {"rows", rows},
    {"slice", slice},
    {"flip", flip},
    {"pad", pad},
    {"permute", permute},
    {"arange", arange},
    {"filled", filled},
    {"one_hot", one_hot},
    {"embedding", embedding},
    {"gather", gather},
    {"max", max},
    {"min", min},
    {"mean", mean},
    {"sum", sum},
    {"logsumexp", logsumexp},
    {"argmax", argmax},
    {"argmin", argmin},
    {"cumsum", cumsum},
    {"softmax", softmax},
    {"log_softmax", log_softmax},
    {"matmul", matmul},
    {"linear", linear},
    {"layer_norm", layer_norm},
    {"conv1d", convolution},
    {"conv2d", convolution},
    {"max_pool1d", max_pool},
    {"max_pool2d", max_pool},
    {"avg_pool1d", avg_pool},
    {"avg_pool2d", avg_pool},
    {"strided_lengths", strided_lengths},
    {"recurrent_layer", write_recurrent_layer},
    {"scan", write_scan},
};

void write_node(GraphWriter& to, Node node) {
  for (const Same& each : kSame)
    if (node.op == each.op) return to.emit(node, each.onnx, inputs_of(to, node));
  for (const Entry& each : kOps)
    if (node.op == each.op) return each.write(to, node);
  fail("onnx: the op '{}' has no counterpart in ONNX that Recur writes", node.op);
}

}  // namespace
}  // namespace writing

void write_nodes(GraphWriter& to) {
  for (const GraphNode& node : to.graph().nodes) {
    bool wanted = false;
    for (size_t k = 0; k < node.outputs.size(); ++k) wanted = wanted || to.is_used(node, k);
    if (wanted) writing::write_node(to, node);
  }
}

Graph opened_for_onnx(const Graph& graph) {
  const bool plain = std::ranges::all_of(graph.nodes, [&](const GraphNode& node) {
    return node.op != "recurrent_layer" || has_recurrent_operator(graph, node);
  });
  const OpTable table = all_ops();
  std::vector<std::string> kept{"linear", "conv1d", "max_pool1d", "avg_pool1d"};
  if (plain) kept.emplace_back("recurrent_layer");
  return open_graph(graph, table.opens_all_but(kept), table);
}

GraphProto write_graph(const Graph& graph, const std::string& name) {
  GraphWriter to(graph);
  write_nodes(to);
  return to.finish(name);
}

}  // namespace recur::onnx
