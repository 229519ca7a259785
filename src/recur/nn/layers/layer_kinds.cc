#include "recur/nn/layers/layer_kinds.h"

#include "recur/base/suggest.h"
#include "recur/nn/layers/cell_layer.h"

namespace recur {
namespace {

LayerKind kind_of(const Cell& cell) {
  return {.name = cell.name, .description = cell.description, .reverses = true, .make = [&cell](const LayerSpec& spec) {
            return std::make_shared<const CellLayer>(cell, spec);
          }};
}

std::vector<LayerKind> all_kinds() {
  std::vector<LayerKind> kinds;
  for (const Cell* cell : cells()) kinds.push_back(kind_of(*cell));
  // Other kinds: a line each.
  return kinds;
}

}  // namespace

std::span<const LayerKind> layer_kinds() {
  static const std::vector<LayerKind> kinds = all_kinds();
  return kinds;
}

const LayerKind& find_layer_kind(std::string_view name, std::span<const LayerKind> among) {
  std::vector<std::string_view> names;
  for (const LayerKind& kind : among) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  fail_usage("recurrent: unknown cell '{}'{}; known: {}", name, did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace recur
