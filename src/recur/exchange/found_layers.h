// What a file of another tool holds of a network: its layers, and as far as it says so, their order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "recur/tasks/network/stack_layer.h"
#include "recur/tasks/trained.h"
#include "recur/tensor/named_tensors.h"

namespace recur {

// A layer with its parameters, named as Recur names them within the layer: weight_ih_l0, weight.
struct FoundLayer {
  std::string name{};  // in the file: "encoder.lstm"
  StackLayer layer{};
  int64_t input = 0;  // F; 0: any
  NamedTensors tensors = {};
  // A matrix [rows, columns] without bias: it may as well be the table of an embedding.
  bool may_be_embedding = false;
  // What the file does not say of the layer, in words; "": nothing. The user has to add the words of the layer.
  std::string open = {};
  // Why it cannot be read, as a whole message; "": it can. The user may leave it out.
  std::string unknown = {};
};

// Layers in order, complete.
using FoundStack = std::vector<FoundLayer>;

// A model of the task `network`. `input`: F. Throws Error where layers do not fit each other or their parameters,
// naming `file` and the layer.
std::unique_ptr<Trained> make_network(const std::string& file, int64_t input, const FoundStack& stack);

// A layer without parameters: an activation, or "last".
inline FoundLayer plain_layer(StackLayer layer) {
  FoundLayer found;
  found.name = layer.kind;
  found.layer = std::move(layer);
  return found;
}

}  // namespace recur
