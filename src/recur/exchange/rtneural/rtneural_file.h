// RTNeural's JSON: layers in order, with Keras's weights. And plain JSON of a PyTorch state dict, name by name, which
// RTNeural reads too.
#pragma once

#include <string>

#include "recur/base/json.h"
#include "recur/exchange/found_layers.h"

namespace recur::rtneural {

struct Model {
  int64_t input = 0;  // F
  FoundStack stack;
};

bool is_model(const Json& document);
// Throws Error naming `file`, the layer by its number and kind, and the key.
Model read_model(const std::string& file, const Json& document);

// An object of nested lists of numbers, each a tensor f32, in the order of the document. Throws Error for lists of
// different lengths side by side, and what is no number.
NamedTensors read_tensors(const std::string& file, const Json& document);

}  // namespace recur::rtneural
