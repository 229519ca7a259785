// Recurrent layers as RNN, LSTM and GRU.
//
// ONNX has the gates of an LSTM in the order i o f c where Recur has i f g o, and of a GRU z r h where Recur has r z n;
// peepholes are i o f and not i f o. There is one node for each direction, layout 0: X [T, B, F] -> Y [T, 1, B, H].
#include <algorithm>
#include <optional>

#include "recur/base/error.h"
#include "recur/exchange/onnx/write_graph.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur::onnx {
namespace {

struct Kind {
  const char* cell;
  const char* op;
  std::vector<int> gates;  // gate k of ONNX is this one of ours
  GraphWriter::Attributes attributes = {};
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> list{
      {"rnn", "RNN", {0}, {{"activations", std::vector<std::string>{"Tanh"}}}},
      {"rnn_relu", "RNN", {0}, {{"activations", std::vector<std::string>{"Relu"}}}},
      {"lstm", "LSTM", {0, 3, 1, 2}},
      {"lstm_peephole", "LSTM", {0, 3, 1, 2}},
      {"gru", "GRU", {1, 0, 2}, {{"linear_before_reset", int64_t{1}}}},
      {"gru_reset_before", "GRU", {1, 0, 2}, {{"linear_before_reset", int64_t{0}}}},
  };
  return list;
}

const Kind* find_kind(const std::string& cell) {
  for (const Kind& kind : kinds())
    if (kind.cell == cell) return &kind;
  return nullptr;
}

// The inputs of a node, as nn/padded_layer.h has them.
enum Input {
  kX,
  kLengths,
  kDecay,
  kWeightIh,
  kWeightHh,
  kBiasIh,
  kBiasHh,
  kUnitWeights,
  kProjection,
  kNormIh,
  kNormHh,
  kNormInner,
  kStates
};

bool is_given(const GraphNode& node, Input k) {
  return static_cast<size_t>(k) < node.inputs.size() && node.inputs[k] != kAbsent;
}

std::optional<Tensor> fixed(const Graph& graph, const GraphNode& node, Input k) {
  const GraphValue& value = graph.values[static_cast<size_t>(node.inputs[k])];
  if (value.origin != Origin::kParameter && value.origin != Origin::kConstant) return {};
  return value.tensor;
}

// Parts of equal size along the first axis in another order: [G H, ...].
Tensor ordered(const Tensor& x, const std::vector<int>& order) {
  const int64_t part = x.size(0) / std::ssize(order);
  Tensors parts;
  for (const int k : order) parts.push_back(rows(x, k * part, (k + 1) * part));
  return concat(parts, 0);
}

Tensor with_direction(const Tensor& x) { return reshape(x, x.shape().inserted(0, 1)); }

class Layer {
 public:
  Layer(GraphWriter& to, const GraphNode& node)
      : to_(to), node_(node), kind_(*find_kind(node.attributes.text("cell"))) {}

  void write() {
    const Tensor recurrent = *fixed(to_.graph(), node_, kWeightHh);
    GraphWriter::Attributes attributes = kind_.attributes;
    attributes.push_back({"hidden_size", recurrent.size(1)});
    attributes.push_back({"direction", std::string(node_.attributes.flag("reverse") ? "reverse" : "forward")});
    GraphWriter::Names inputs{to_.in(node_, kX), weights(kWeightIh), weights(kWeightHh),
                              biases(),          lengths(),          initial(0)};
    if (has_inner()) inputs.push_back(initial(1));
    if (is_given(node_, kUnitWeights)) inputs.push_back(peepholes());
    while (inputs.back().empty()) inputs.pop_back();
    GraphWriter::Names hints{wants(0) ? "Y" : "", wants(1) ? "Y_h" : ""};
    if (has_inner()) hints.emplace_back(wants(2) ? "Y_c" : "");
    while (hints.back().empty()) hints.pop_back();
    const GraphWriter::Names made = to_.add_many(kind_.op, inputs, attributes, hints);
    if (wants(0)) to_.put("Squeeze", {made[0], to_.integers({1})}, {to_.out(node_, 0)});
    for (size_t k = 1; k < made.size(); ++k)
      if (wants(k)) write_state(k, made[k]);
  }

 private:
  bool has_inner() const { return std::string_view(kind_.op) == "LSTM"; }
  bool wants(size_t output) const { return output < node_.outputs.size() && to_.is_used(node_, output); }

  std::string name_of(Input k) const { return to_.value(node_.inputs[k]).name; }

  std::string weights(Input k) {
    return to_.constant(with_direction(ordered(*fixed(to_.graph(), node_, k), kind_.gates)), name_of(k));
  }

  // Both biases in a row.
  std::string biases() {
    if (!is_given(node_, kBiasIh)) return "";
    const Tensor ih = *fixed(to_.graph(), node_, kBiasIh), hh = *fixed(to_.graph(), node_, kBiasHh);
    return to_.constant(with_direction(concat({ordered(ih, kind_.gates), ordered(hh, kind_.gates)}, 0)),
                        name_of(kBiasIh));
  }

  std::string peepholes() {
    const Tensor p = *fixed(to_.graph(), node_, kUnitWeights);  // [3, H], i f o
    return to_.constant(reshape(ordered(p, {0, 2, 1}), {1, p.numel()}), name_of(kUnitWeights));
  }

  std::string lengths() {
    return is_given(node_, kLengths) ? to_.cast(to_.in(node_, kLengths), ElementType::kInt32) : "";
  }

  bool has_states() const { return is_given(node_, kStates); }
  std::string state(size_t k) { return to_.in(node_, kStates + k); }
  std::string initial(size_t k) { return has_states() ? to_.unsqueezed(state(k), 0) : ""; }

  // ONNX Runtime gives zeros after a sequence of length 0, Recur the state before it.
  void write_state(size_t output, const std::string& made) {
    const auto end = [&](const std::string& op, const GraphWriter::Names& inputs) {
      to_.put(op, inputs, {to_.out(node_, output)});
    };
    if (!has_states() || !is_given(node_, kLengths)) return end("Squeeze", {made, to_.integers({0})});
    const std::string empty = to_.add("Equal", {to_.in(node_, kLengths), to_.integers({0})});
    end("Where", {to_.unsqueezed(empty, 1), state(output - 1), to_.squeezed(made, 0)});
  }

  GraphWriter& to_;
  const GraphNode& node_;
  const Kind& kind_;
};

}  // namespace

bool has_recurrent_operator(const Graph& graph, const GraphNode& node) {
  const Attributes& at = node.attributes;
  const std::string& cell = at.text("cell");
  if (find_kind(cell) == nullptr || at.real("zoneout") != 0 || at.real("zoneout_inner") != 0) return false;
  for (const Input k : {kDecay, kProjection, kNormIh, kNormHh, kNormInner})
    if (is_given(node, k)) return false;
  for (const Input k : {kWeightIh, kWeightHh, kBiasIh, kBiasHh, kUnitWeights})
    if (is_given(node, k) && !fixed(graph, node, k)) return false;
  // ONNX Runtime has its operators in f32 alone.
  return graph.values[static_cast<size_t>(node.inputs[kX])].dtype == DType::kF32;
}

void write_recurrent_layer(GraphWriter& to, const GraphNode& node) {
  if (!has_recurrent_operator(to.graph(), node))
    fail("onnx: a recurrent layer of the cell '{}' that ONNX has no operator for was not opened",
         node.attributes.text("cell"));
  Layer(to, node).write();
}

}  // namespace recur::onnx
