// What an RNN, LSTM or GRU node of ONNX is in Recur. write_recurrent.cc says in which order the gates are.
#pragma once

#include <string>
#include <vector>

#include "recur/exchange/onnx/node_attributes.h"

namespace recur::onnx {

struct RecurrentKind {
  std::string cell;        // "gru_reset_before"
  std::vector<int> gates;  // gate k of ours is this one of ONNX
  bool forward = true, reverse = false;
  bool batch_first = false;  // layout 1
  int64_t hidden = 0;

  int64_t directions() const { return forward && reverse ? 2 : 1; }
};

// Throws Error by the node's name for what Recur has no cell for: other activations, clip, input_forget.
RecurrentKind recurrent_kind(const NodeAttributes& node, bool has_peepholes);

}  // namespace recur::onnx
