#include "recur/nn/layers/layer_kinds.h"

#include <fmt/ranges.h>

#include "recur/base/suggest.h"
#include "recur/nn/layers/attention_layer.h"
#include "recur/nn/layers/cell_layer.h"
#include "recur/nn/layers/delta_layer.h"
#include "recur/nn/layers/lru_layer.h"
#include "recur/nn/layers/min_layers.h"
#include "recur/nn/layers/mlstm_layer.h"
#include "recur/nn/layers/qrnn_layer.h"
#include "recur/nn/layers/rg_lru_layer.h"
#include "recur/nn/layers/slstm_layer.h"
#include "recur/nn/layers/unit_layers.h"

namespace recur {
namespace {

using In = const LayerSpec&;

LayerKind kind_of(const Cell& cell) {
  return {.name = cell.name, .description = cell.description, .reverses = true, .make = [&cell](const LayerSpec& spec) {
            return std::make_shared<const CellLayer>(cell, spec);
          }};
}

std::vector<LayerKind> all_kinds() {
  std::vector<LayerKind> kinds;
  for (const Cell* cell : cells()) kinds.push_back(kind_of(*cell));
  const auto add = [&kinds](const char* name, const char* description, bool is_square, auto make) {
    kinds.push_back({.name = name,
                     .description = description,
                     .reverses = true,
                     .is_square = is_square,
                     .make = [make](const LayerSpec& spec) -> std::shared_ptr<const SequenceLayer> {
                       return std::make_shared<const decltype(make(spec))>(make(spec));
                     }});
  };
  // Other kinds: a line each.
  add("mingru", "minimal gated recurrent unit", false, [](In spec) { return MinLayer("mingru", 2, spec); });
  add("minlstm", "minimal long short-term memory", false, [](In spec) { return MinLayer("minlstm", 3, spec); });
  add("qrnn", "quasi-recurrent layer, window of two steps", false, [](In spec) { return QrnnLayer(spec); });
  add("indrnn", "independently recurrent units with ReLU", false, [](In spec) { return IndRnnLayer(spec); });
  add("sru", "simple recurrent unit", false, [](In spec) { return SruLayer(spec); });
  add("lru", "linear recurrent unit of complex numbers", true, [](In spec) { return LruLayer(spec); });
  add("rg_lru", "real-gated linear recurrent unit", true, [](In spec) { return RgLruLayer("rg_lru", false, spec); });
  add("griffin", "recurrent block of Griffin", true, [](In spec) { return RgLruLayer("griffin", true, spec); });
  add("slstm", "LSTM with exponential gates", false, [](In spec) { return SlstmLayer(spec); });
  add("mlstm", "LSTM with a matrix memory", false, [](In spec) { return MlstmLayer(spec); });
  add("delta", "gated delta rule", false, [](In spec) { return DeltaLayer("delta", false, spec); });
  add("delta_negative", "gated delta rule with eigenvalues down to -1", false,
      [](In spec) { return DeltaLayer("delta_negative", true, spec); });
  add("attention", "causal self-attention over a window of steps", false, [](In spec) { return AttentionLayer(spec); });
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
