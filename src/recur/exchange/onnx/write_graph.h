// Graphs as ONNX, opset 17.
//
// A node of the graph becomes one or a few ONNX nodes; write_ops.cc has the table. Plain recurrent layers become RNN,
// LSTM and GRU (write_recurrent.cc), scans Scan (write_scan.cc), everything that is made of other ops its parts.
#pragma once

#include "recur/exchange/onnx/graph_writer.h"

namespace recur::onnx {

// The graph as the writer takes it: composite ops opened, and the recurrent layers too, where one of them is none that
// ONNX has an operator for.
Graph opened_for_onnx(const Graph& graph);

// Throws Error naming the op that ONNX has nothing for. The names of inputs, outputs, open axes and parameters stay.
GraphProto write_graph(const Graph& graph, const std::string& name);

// The nodes of a graph, or of a step.
void write_nodes(GraphWriter& to);

// --- the writers of single nodes, each in a file ---
// Whether the layer is one of ONNX's.
bool has_recurrent_operator(const Graph& graph, const GraphNode& node);
void write_recurrent_layer(GraphWriter& to, const GraphNode& node);
void write_scan(GraphWriter& to, const GraphNode& node);

}  // namespace recur::onnx
