#include "recur/nn/layers/cell_init.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "recur/base/suggest.h"
#include "recur/nn/init.h"
#include "recur/nn/layers/chrono_init.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

void check_init(const std::string& name) {
  static constexpr std::string_view kKnown[] = {"uniform", "orthogonal", "identity", "chrono"};
  if (std::ranges::find(kKnown, name) == std::end(kKnown))
    fail_usage("recurrent: unknown init '{}'{}; known: {}", name, did_you_mean(name, kKnown), fmt::join(kKnown, ", "));
}

// f(block, gate) for the rows of each gate.
template <class F>
void for_each_gate(const Tensor& weight, int gates, F&& f) {
  const int64_t hidden = weight.size(0) / gates;
  for (int g = 0; g < gates; ++g) f(rows(weight.detach(), g * hidden, (g + 1) * hidden), g);
}

void initialize_weights(LayerParameters& p, const Cell& cell, const RecurrentOptions& o, Random& random) {
  const double bound = 1 / std::sqrt(static_cast<double>(p.weight_hh.size(0)) / cell.gates);
  for (const Tensor& t : {p.weight_ih, p.weight_hh, p.bias_ih, p.bias_hh, p.projection, p.unit_weights})
    if (t.defined()) init::uniform(t, -bound, bound, random);
  const bool structured = o.init == "orthogonal" || o.init == "identity";
  if (!structured) return;
  for (const Tensor& t : {p.bias_ih, p.bias_hh})
    if (t.defined()) init::constant(t, 0);
  if (o.init == "identity") init::normal(p.weight_ih, 0, 0.001, random);
  for_each_gate(p.weight_hh, cell.gates, [&](const Tensor& block, int) {
    if (o.init == "identity")
      init::identity(block);
    else
      init::orthogonal(block, random);
  });
  if (o.init == "orthogonal")
    for_each_gate(p.weight_ih, cell.gates, [&](const Tensor& block, int) { init::xavier_uniform(block, random); });
}

void set_memory(LayerParameters& p, const Cell& cell, const RecurrentOptions& o, Random& random) {
  if (cell.forget_gate < 0) {
    fail_usage("recurrent: init: chrono sets the bias of a forget gate, as of lstm and gru; {} has none", cell.name);
  }
  if (!p.bias_ih.defined()) fail_usage("recurrent: init: chrono sets biases, and there are none; set bias");
  initialize_chrono(p.bias_ih, p.bias_ih.size(0) / cell.gates, {.forget = cell.forget_gate, .input = cell.input_gate},
                    o.chrono_steps, random);
  init::constant(p.bias_hh, 0);
}

void add_forget_bias(LayerParameters& p, const Cell& cell, double bias) {
  if (bias == 0) return;
  if (cell.forget_gate < 0 || !p.bias_ih.defined())
    fail("recurrent: forget_bias needs a cell with a forget gate and biases; {} does not do", cell.name);
  for_each_gate(p.bias_ih, cell.gates, [&](Tensor block, int g) {
    if (g == cell.forget_gate) block.copy_from(block + bias);
  });
}

Tensor unit_norm(int64_t size) { return stack({Tensor::ones({size}), Tensor::zeros({size})}, 0); }

}  // namespace

LayerParameters initial_parameters(const Cell& cell, const LayerSpec& spec) {
  const RecurrentOptions& o = spec.options;
  check_init(o.init);
  const int64_t G = cell.gates, hidden = spec.hidden, P = o.projection > 0 ? o.projection : hidden;
  LayerParameters p;
  p.weight_ih = Tensor::empty({G * hidden, spec.input});
  p.weight_hh = Tensor::empty({G * hidden, P});
  if (o.bias) p.bias_ih = Tensor::empty({G * hidden});
  if (o.bias) p.bias_hh = Tensor::empty({G * hidden});
  if (o.projection > 0) p.projection = Tensor::empty({P, hidden});
  if (cell.unit_weights > 0) p.unit_weights = Tensor::empty({cell.unit_weights, hidden});
  initialize_weights(p, cell, o, spec.random);
  if (o.init == "chrono") set_memory(p, cell, o, spec.random);
  add_forget_bias(p, cell, o.forget_bias);
  if (!o.layer_norm) return p;
  p.norm_ih = unit_norm(G * hidden);
  p.norm_hh = unit_norm(G * hidden);
  if (cell.states > 1) p.norm_inner = unit_norm(hidden);
  return p;
}

}  // namespace recur
