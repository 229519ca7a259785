// The kinds of layers that a stack can be made of, by their names.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "recur/nn/layers/sequence_layer.h"

namespace recur {

struct LayerKind {
  std::string name;              // as in --cell
  std::string description = {};  // in a few words
  bool reverses = false;         // whether it can also go from the last step to the first
  bool is_square = true;         // whether it has at least H (H + 1) parameters, whatever its input
  std::function<std::shared_ptr<const SequenceLayer>(const LayerSpec&)> make = {};
};

// All kinds, cells first.
std::span<const LayerKind> layer_kinds();
// The kind of that name; UsageError with the nearest name otherwise.
const LayerKind& find_layer_kind(std::string_view name, std::span<const LayerKind> among = layer_kinds());

}  // namespace recur
