#include "recur/nn/layers/scan_layer.h"

#include <cmath>

#include "recur/nn/init.h"
#include "recur/ops/concat.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/scan.h"
#include "recur/ops/slice.h"

namespace recur {
namespace {

void check_is_plain(std::string_view kind, const RecurrentOptions& o) {
  const auto refuse = [&](bool used, const char* option) {
    if (used) fail_usage("recurrent: {} is an option of cells such as lstm; {} has none", option, kind);
  };
  refuse(o.projection > 0, "projection");
  refuse(o.layer_norm, "layer_norm");
  refuse(o.recurrent_dropout > 0, "recurrent_dropout");
  refuse(o.weight_drop > 0, "weight_drop");
  refuse(o.zoneout > 0, "zoneout");
  refuse(o.zoneout_inner > 0, "zoneout_inner");
  refuse(o.recompute > 0, "recompute");
  refuse(o.forget_bias != 0, "forget_bias");
  refuse(o.init != "uniform", "init");
}

}  // namespace

ScanLayer::ScanLayer(std::string name, const LayerSpec& spec)
    : name_(std::move(name)), reverse_(spec.reverse), input_(spec.input), hidden_(spec.hidden) {
  check_is_plain(name_, spec.options);
}

DType ScanLayer::dtype() const { return parameters()[0].dtype(); }

Parameter ScanLayer::draw_weight(int64_t out, int64_t in, Random& random) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  Tensor weight = Tensor::empty({out, in});
  init::uniform(weight, -bound, bound, random);
  return Parameter(weight);
}

Parameter ScanLayer::draw_bias(int64_t out, int64_t in, bool wanted, Random& random) {
  if (!wanted) return {};
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  Tensor bias = Tensor::empty({out});
  init::uniform(bias, -bound, bound, random);
  return Parameter(bias);
}

LayerOutput ScanLayer::run(const LayerInput& input, const Tensors& states, const LayerCall& call) const {
  if (call.packing.packed_rows() == 0) return {Tensor::zeros({0, output_features()}, dtype()), states};
  return compute(input.x, states, PackedTime(call.packing, reverse_));
}

LayerOutput ScanLayer::run_composed(const Tensor& x, const Tensors& states, const Packing& packing) const {
  const int64_t steps = packing.steps(), batch = packing.batch();
  if (steps == 0) return {Tensor::zeros({0, output_features()}, dtype()), states};
  Tensors now = states, y(static_cast<size_t>(steps));
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = reverse_ ? steps - 1 - s : s, n = packing.rows(t), begin = packing.offset(t);
    Tensors running;
    for (const Tensor& state : now) running.push_back(rows(state, 0, n));
    LayerOutput made = compute(rows(x, begin, begin + n), running, StepTime());
    y[t] = made.y;
    for (size_t k = 0; k < now.size(); ++k)
      now[k] = n == batch ? made.states[k] : concat({made.states[k], rows(now[k], n, batch)}, 0);
  }
  return {concat(y, 0), now};
}

LayerOutput ScanLayer::run_traced(const PaddedLayerInput& input) const {
  if (input.decay.defined()) fail("trace: a layer of kind {} takes no decay", name_);
  Tensors before = input.states;
  if (before.empty())
    for (const Tensor& state : zero_states(input.x.size(1), dtype()))
      before.push_back(filled(state.shape(), 0, state.dtype()));
  const ScanStep step = [this](const Tensors& x, const Tensors& states) {
    LayerOutput made = compute(x[0], states, StepTime());
    made.states.push_back(made.y);
    return made.states;
  };
  ScanResult result = recur::scan({input.x}, before, step, {.lengths = input.lengths, .reverse = reverse_});
  return {.y = result.outputs[0], .states = std::move(result.states)};
}

Tensor term(const Tensor& terms, int g, int64_t hidden) { return slice(terms, {terms.rank() - 1, g * hidden}, hidden); }

}  // namespace recur
