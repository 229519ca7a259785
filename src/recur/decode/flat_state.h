// The state of recurrent layers as the list of tensors that a step model's state is.
#pragma once

#include <span>

#include "recur/nn/recurrent.h"

namespace recur {

// The parts of all layers, one after the other.
inline Tensors flat_state(const RecurrentState& state) {
  Tensors parts;
  for (const Tensors& layer : state.layers) parts.insert(parts.end(), layer.begin(), layer.end());
  return parts;
}

// The state whose parts begin `parts`; `like` says which belong to which layer.
inline RecurrentState layered_state(std::span<const Tensor> parts, const RecurrentState& like) {
  RecurrentState state;
  auto next = parts.begin();
  for (const Tensors& layer : like.layers) {
    state.layers.emplace_back(next, next + std::ssize(layer));
    next += std::ssize(layer);
  }
  return state;
}

}  // namespace recur
