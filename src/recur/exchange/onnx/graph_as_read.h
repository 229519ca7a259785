// A graph, and what was found of its values when it was read as layers: what is needed to run it beside them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "recur/exchange/onnx/messages.h"
#include "recur/exchange/onnx/tensor_layout.h"

namespace recur::onnx {

struct GraphAsRead {
  ModelProto model;                         // with what is known of its inputs
  std::map<std::string, Tensor> constants;  // all, also what is computed from constants alone
  std::map<std::string, bool> branches;  // of each If that was read, by its first output: whether the first was taken
  std::string input, output;             // of the layers
  // What the axes of both mean: time, batch, and in that order directions and features. Open: any of time and batch.
  // Of a graph that is called once a step, they are all features.
  std::vector<AxisFactors> input_axes, output_axes;
  std::set<std::string> states, lengths;  // inputs that are read as such
  std::vector<std::string> states_after;  // outputs
  bool is_step = false;                   // a call is one step
};

}  // namespace recur::onnx
