#include "recur/exchange/onnx/recurrent_kind.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace recur::onnx {
namespace {

// The activations of a direction; both must have the same.
std::vector<std::string> activations(const NodeAttributes& node, const std::vector<std::string>& usual) {
  std::vector<std::string> all = node.texts("activations");
  if (all.empty()) return usual;
  const size_t each = usual.size();
  if (all.size() == 2 * each && std::equal(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(each),
                                           all.begin() + static_cast<std::ptrdiff_t>(each)))
    all.resize(each);
  if (all.size() != each) node.fail_node("activations: expected the same ones for both directions");
  return all;
}

void expect_usual(const NodeAttributes& node, const std::vector<std::string>& usual) {
  if (activations(node, usual) != usual)
    node.fail_node(fmt::format("activations: expected {}, others are not supported", fmt::join(usual, ", ")));
}

void set_cell(const NodeAttributes& node, bool has_peepholes, RecurrentKind& kind) {
  if (node.node().op == "RNN") {
    const std::string activation = activations(node, {"Tanh"})[0];
    if (activation != "Tanh" && activation != "Relu")
      node.fail_node(fmt::format("activations: expected Tanh or Relu, got '{}'", activation));
    kind.cell = activation == "Tanh" ? "rnn" : "rnn_relu";
    kind.gates = {0};
  } else if (node.node().op == "LSTM") {
    expect_usual(node, {"Sigmoid", "Tanh", "Tanh"});
    kind.cell = has_peepholes ? "lstm_peephole" : "lstm";
    kind.gates = {0, 2, 3, 1};
  } else {
    expect_usual(node, {"Sigmoid", "Tanh"});
    kind.cell = node.integer("linear_before_reset", 0) != 0 ? "gru" : "gru_reset_before";
    kind.gates = {1, 0, 2};
  }
}

}  // namespace

RecurrentKind recurrent_kind(const NodeAttributes& node, bool has_peepholes) {
  for (const char* name : {"clip", "activation_alpha", "activation_beta"})
    if (node.gives(name)) node.fail_node(fmt::format("the attribute '{}' is not supported", name));
  if (node.integer("input_forget", 0) != 0) node.fail_node("the attribute 'input_forget' is not supported");
  RecurrentKind kind;
  set_cell(node, has_peepholes, kind);
  const std::string direction = node.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    node.fail_node(fmt::format("direction: expected forward, reverse or bidirectional, got '{}'", direction));
  kind.forward = direction != "reverse";
  kind.reverse = direction != "forward";
  kind.batch_first = node.integer("layout", 0) != 0;
  kind.hidden = node.needed_integer("hidden_size");
  if (kind.hidden < 1 || kind.hidden > int64_t{1} << 31)
    node.fail_node(fmt::format("hidden_size: expected 1 .. 2^31, got {}", kind.hidden));
  return kind;
}

}  // namespace recur::onnx
