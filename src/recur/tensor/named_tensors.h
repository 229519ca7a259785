// Tensors with names: the parameters of a model, the state of a run.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "recur/tensor/tensor.h"

namespace recur {

// Names are PyTorch's: "weight_ih_l0", and within a child named "rnn", "rnn.weight_ih_l0".
struct NamedTensor {
  std::string name;
  Tensor value;
};
using NamedTensors = std::vector<NamedTensor>;

// Appends `part`, with the prefix before each name.
inline void append_state(NamedTensors& to, const std::string& prefix, const NamedTensors& part) {
  for (const NamedTensor& each : part) to.push_back({prefix + each.name, each.value});
}

// The tensors whose names begin with the prefix, which is removed from the names.
inline NamedTensors state_part(const NamedTensors& state, const std::string& prefix) {
  NamedTensors part;
  for (const NamedTensor& each : state) {
    if (each.name.starts_with(prefix)) part.push_back({each.name.substr(prefix.size()), each.value});
  }
  return part;
}

namespace internal {

// Appends those that are not there yet.
inline void append_new(Tensors& to, const Tensors& from) {
  for (const Tensor& tensor : from) {
    if (std::ranges::none_of(to, [&](const Tensor& t) { return t.id() == tensor.id(); })) to.push_back(tensor);
  }
}

}  // namespace internal
}  // namespace recur
