// What the user says of the inputs of a graph.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

// Texts NAME=16000: the input is this number, a constant. NAME=1x576: it has this shape, and a call of the graph is one
// step. Axes of one name are of one size, in all inputs. Returns whether a shape is given. Throws UsageError for other
// texts, for names of no input and for values that do not fit it, beginning with `file`.
bool give_inputs(ModelProto& model, const std::string& file, const std::vector<std::string>& texts);

}  // namespace recur::onnx
