// ONNX models as layers in a row.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recur/exchange/found_layers.h"
#include "recur/exchange/onnx/graph_as_read.h"
#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

struct LayersInARow {
  FoundStack stack;
  int64_t input = 0;  // F
  GraphAsRead graph = {};
};

// A node whose inputs are constants, which are defined or, where the node has none, undefined. No tensors: it is not
// computed.
using FoldNode = std::function<Tensors(const NodeProto& node, const Tensors& inputs)>;

// Throws Error, naming file, node and operator, for a model whose output is not one layer behind the other. What is
// left out is logged: states, which begin with zeros, and lengths, since sequences have no padding.
// `inputs`: as give_inputs() takes them.
LayersInARow layers_in_a_row(const ModelProto& model, const std::string& file, const FoldNode& fold,
                             const std::vector<std::string>& inputs = {});

}  // namespace recur::onnx
