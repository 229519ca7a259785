// Scans as Scan. Lengths, of which ONNX's has none, are a mask in the step: the numbers 0 .. T - 1 are one more
// sequence [T, B] to read, and rows whose length is not above the number keep their states and give zeros.
#include "recur/base/error.h"
#include "recur/exchange/onnx/write_graph.h"

namespace recur::onnx {
namespace {

using Names = GraphWriter::Names;

class ScanNode {
 public:
  ScanNode(GraphWriter& to, const GraphNode& node)
      : to_(to),
        node_(node),
        sequences_(static_cast<size_t>(node.attributes.integer("sequences"))),
        states_(static_cast<size_t>(node.attributes.integer("states"))),
        has_lengths_(to.has(node, 0)) {}

  void write() {
    if (node_.body == nullptr) fail("onnx: a scan without a step");
    const size_t outputs = node_.outputs.size() - states_;
    GraphProto body = step();
    Names inputs;
    for (size_t k = 0; k < states_; ++k) inputs.push_back(to_.in(node_, 1 + sequences_ + k));
    for (size_t k = 0; k < sequences_; ++k) inputs.push_back(to_.in(node_, 1 + k));
    if (has_lengths_) inputs.push_back(numbers());
    const int64_t backwards = node_.attributes.flag("reverse");
    Names made;
    for (size_t k = 0; k < node_.outputs.size(); ++k)
      made.push_back(to_.is_used(node_, k) ? to_.out(node_, k) : to_.fresh("unused"));
    to_.put("Scan", inputs, made,
            {{"body", std::make_shared<const GraphProto>(std::move(body))},
             {"num_scan_inputs", static_cast<int64_t>(sequences_ + (has_lengths_ ? 1 : 0))},
             {"scan_input_directions", std::vector<int64_t>(sequences_ + (has_lengths_ ? 1 : 0), backwards)},
             {"scan_output_directions", std::vector<int64_t>(outputs, backwards)}});
  }

 private:
  // i64 [T, B]
  std::string numbers() {
    const std::vector<Size>& shape = to_.value(node_.inputs[1]).shape;
    const std::string range =
        to_.add("Range", {to_.scalar(0, DType::kI64), to_.scalar_size(shape[0]), to_.scalar(1, DType::kI64)});
    return to_.add("Expand", {to_.unsqueezed(range, 1), to_.sizes({shape[0], shape[1]})});
  }

  static std::vector<Dimension> dimensions(const std::vector<Size>& shape) {
    std::vector<Dimension> result;
    for (const Size& size : shape)
      result.push_back(size.is_number() ? Dimension{.size = size.number()} : Dimension{.axis = size.str()});
    return result;
  }

  static ValueInfo info(const std::string& name, DType dtype, const std::vector<Size>& shape) {
    return {.name = name, .type = element_type(dtype), .shape = dimensions(shape)};
  }

  GraphProto step() {
    const Graph& body = *node_.body;
    GraphProto proto{.name = to_.fresh("step")};
    Names names;  // of the step's inputs: sequences, states, then what it uses of the outer graph
    for (size_t k = 0; k < sequences_; ++k) names.push_back(to_.fresh("x"));
    for (size_t k = 0; k < states_; ++k) names.push_back(to_.fresh("state"));
    for (size_t k = 1 + sequences_ + states_; k < node_.inputs.size(); ++k) names.push_back(to_.in(node_, k));
    const auto add_input = [&](size_t k) {
      const GraphValue& value = body.values[static_cast<size_t>(body.input_values[k])];
      proto.inputs.push_back(info(names[k], value.dtype, value.shape));
    };
    for (size_t k = 0; k < states_; ++k) add_input(sequences_ + k);
    for (size_t k = 0; k < sequences_; ++k) add_input(k);
    GraphWriter own(to_, body, names);
    write_nodes(own);
    std::string running;  // bool [B]
    if (has_lengths_) {
      const std::string number = to_.fresh("t");
      proto.inputs.push_back(info(number, DType::kI64, {to_.value(node_.inputs[1]).shape[1]}));
      running = own.add("Less", {number, to_.in(node_, 0)});
    }
    for (size_t k = 0; k < body.outputs.size(); ++k) {
      const GraphValue& value = body.values[static_cast<size_t>(body.outputs[k])];
      const std::string made = own.name(body.outputs[k]), end = to_.fresh(k < states_ ? "state_after" : "y");
      if (has_lengths_) {
        const std::string before = k < states_ ? names[sequences_ + k] : to_.scalar(0, value.dtype);
        own.put("Where", {shaped(own, running, value.shape.size()), made, before}, {end});
      } else {
        own.put("Identity", {made}, {end});
      }
      proto.outputs.push_back(info(end, value.dtype, value.shape));
    }
    proto.nodes = own.take_nodes();
    return proto;
  }

  // [B] -> [B, 1, ...]
  std::string shaped(GraphWriter& own, const std::string& running, size_t rank) {
    if (rank <= 1) return running;
    std::vector<int64_t> axes;
    for (size_t k = 1; k < rank; ++k) axes.push_back(static_cast<int64_t>(k));
    return own.add("Unsqueeze", {running, own.integers(axes)});
  }

  GraphWriter& to_;
  const GraphNode& node_;
  size_t sequences_, states_;
  bool has_lengths_;
};

}  // namespace

void write_scan(GraphWriter& to, const GraphNode& node) { ScanNode(to, node).write(); }

}  // namespace recur::onnx
