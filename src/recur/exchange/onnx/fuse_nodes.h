// Operators that exporters take apart into sums and products, put together again.
#pragma once

#include <string>
#include <vector>

#include "recur/exchange/onnx/graph_pattern.h"
#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

// The operator of Recur alone, of no ONNX: sqrt(a^2 + b^2) of its two inputs.
inline constexpr const char* kMagnitude = "Magnitude";

// The graph with LSTM, GRU, LayerNormalization, Gelu and kMagnitude in the place of the nodes that compute these. What
// else computed a part of them stays, read by none. A LayerNormalization without factors has one input.
// LSTMs and GRUs are of one step: their states are values of the graph.
GraphProto fused(const GraphProto& graph);

// What is written in the place of a node, behind all that it reads.
struct Fusion {
  const NodeProto* at = nullptr;
  std::vector<const NodeProto*> without = {};  // later nodes whose values are made here
  std::vector<NodeProto> nodes = {};
  std::vector<TensorProto> constants = {};
};

// If the node is the last of an operator that was taken apart; else one without nodes.
Fusion fused_function(const GraphPattern& graph, const NodeProto& last);
Fusion fused_cell(const GraphPattern& graph, const NodeProto& last);

}  // namespace recur::onnx
