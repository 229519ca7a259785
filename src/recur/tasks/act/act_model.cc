#include "recur/tasks/act/act_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "recur/base/error.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/reshape.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

constexpr double kLimit = 10;  // of normalised observations

Linear orthogonal_linear(int64_t in, int64_t out, double gain, Random& random) {
  Linear layer({.in = in, .out = out}, random);
  init::orthogonal(layer.weight, random, gain);
  init::constant(layer.bias, 0);
  return layer;
}

RecurrentOptions layers_of(const ActModelOptions& options, int64_t input) {
  RecurrentOptions rnn = options.rnn;
  rnn.input = input;
  return rnn;
}

// To the biases of forget gates: what remembers steps long gone is what learning reaches back through (Tallec and
// Ollivier, "Can recurrent neural networks warp time?", 2018; here input gates stay open).
void remember(const Recurrent& rnn, int64_t steps, Random& random) {
  if (steps < 2) return;
  const NamedTensors parameters = rnn.named_parameters();
  for (size_t l = 0; l < rnn.layers().size(); ++l) {
    const auto cell =
        std::ranges::find_if(cells(), [&](const Cell* each) { return each->name == rnn.layers()[l]->kind(); });
    const auto bias = std::ranges::find(parameters, fmt::format("bias_ih_l{}", l), &NamedTensor::name);
    if (cell == cells().end() || (*cell)->forget_gate < 0 || bias == parameters.end()) continue;
    const int64_t hidden = bias->value.size(0) / (*cell)->gates;
    Tensor block = rows(bias->value.detach(), (*cell)->forget_gate * hidden, ((*cell)->forget_gate + 1) * hidden);
    float* values = block.data<float>();
    for (int64_t i = 0; i < hidden; ++i) {
      values[i] += std::log(1 + random.uniform() * static_cast<float>(steps - 1));
    }
  }
}

std::vector<Trunk> make_trunks(const ActModelOptions& options, int64_t features, Random& random) {
  std::vector<Trunk> trunks;
  const int count = *options.shared ? 1 : 2;
  trunks.reserve(count);
  for (int i = 0; i < count; ++i) trunks.emplace_back(options, features, random);
  return trunks;
}

int64_t outputs_of(const ActionSpace& actions) { return actions.is_discrete() ? actions.choices : actions.size(); }

double value_at(const Tensor& t, int64_t i) {
  return t.dtype() == DType::kF64 ? t.data<double>()[i] : static_cast<double>(t.data<float>()[i]);
}

}  // namespace

TanhLayers::TanhLayers(int64_t input, const std::vector<int64_t>& widths, Random& random) : output_(input) {
  for (const int64_t width : widths) {
    layers_.push_back(orthogonal_linear(output_, width, std::numbers::sqrt2, random));
    register_module(fmt::format("{}", layers_.size() - 1), layers_.back());
    output_ = width;
  }
}

Tensor TanhLayers::operator()(Tensor x) const {
  for (const Linear& layer : layers_) x = tanh(layer(x));
  return x;
}

Trunk::Trunk(const ActModelOptions& options, int64_t features, Random& random)
    : encoder_(features, options.encoder, random) {
  register_module("encoder", encoder_);
  if (!options.has_memory()) return;
  rnn_.emplace(layers_of(options, encoder_.output_features()), random);
  remember(*rnn_, options.memory_steps.value_or(0), random);
  register_module("rnn", *rnn_);
}

RecurrentOutput Trunk::operator()(const Tensor& x, const RunOptions& run) const {
  const Tensor encoded = encoder_(x);
  return rnn_ ? (*rnn_)(encoded, run) : RecurrentOutput{encoded, {}};
}

RecurrentState Trunk::zero_state(int64_t batch, DType dtype) const {
  return rnn_ ? rnn_->zero_state(batch, dtype) : RecurrentState{};
}

Head::Head(int64_t input, const std::vector<int64_t>& widths, const Output& output, Random& random)
    : layers_(input, widths, random),
      output_(orthogonal_linear(layers_.output_features(), output.size, output.gain, random)) {
  register_module("layers", layers_);
  register_module("output", output_);
}

ActModel::ActModel(const ActModelOptions& options, const EnvironmentSpec& spec, Random& random)
    : options_(options),
      spec_(spec),
      trunks_(make_trunks(options, spec.features, random)),
      policy_(trunks_[0].output_features(), options.policy_layers, {outputs_of(spec.actions), 0.01}, random),
      value_(trunks_[0].output_features(), options.value_layers, {1, 1}, random) {
  register_module(trunks_.size() == 1 ? "trunk" : "policy_trunk", trunks_[0]);
  if (trunks_.size() > 1) register_module("value_trunk", trunks_[1]);
  register_module("policy", policy_);
  register_module("value", value_);
  if (!spec.actions.is_discrete()) {
    log_deviation_ = Tensor::zeros({spec.actions.size()});
    register_parameter("log_deviation", log_deviation_);
  }
  if (*options.normalize_observations) {
    mean_ = Tensor::zeros({spec.features});
    deviation_ = Tensor::ones({spec.features});
    register_buffer("observation_mean", mean_);
    register_buffer("observation_deviation", deviation_);
  }
}

ActModel::Output ActModel::operator()(const Tensor& x, const std::vector<int64_t>& lengths, const AgentState& state,
                                      Mode mode) const {
  Tensors y;
  size_t first = 0;
  for (const Trunk& trunk : trunks_) {
    RunOptions run{.lengths = lengths, .mode = mode};
    const size_t layers = trunk.rnn() ? trunk.rnn()->layers().size() : 0;
    if (state.defined() && layers > 0) {
      const auto begin = state.layers.begin() + static_cast<std::ptrdiff_t>(first);
      run.state.layers.assign(begin, begin + static_cast<std::ptrdiff_t>(layers));
      first += layers;
    }
    y.push_back(trunk(x, run).y);
  }
  const Tensor values = value_(y.back());
  return {.policy = policy_(y.front()), .values = reshape(values, {values.size(0), values.size(1)})};
}

void ActModel::set_scale(std::span<const double> mean, std::span<const double> deviation) {
  if (!mean_.defined()) return;
  mean_.copy_from(Tensor::from(mean, {std::ssize(mean)}).clone(mean_.dtype()));
  deviation_.copy_from(Tensor::from(deviation, {std::ssize(deviation)}).clone(deviation_.dtype()));
}

void ActModel::normalize(std::span<const float> observations, std::span<float> out) const {
  if (!mean_.defined()) {
    std::ranges::copy(observations, out.begin());
    return;
  }
  const auto features = static_cast<size_t>(spec_.features);
  for (size_t i = 0; i < observations.size(); ++i) {
    const auto at = static_cast<int64_t>(i % features);
    const double x = (static_cast<double>(observations[i]) - value_at(mean_, at)) / value_at(deviation_, at);
    out[i] = static_cast<float>(std::clamp(x, -kLimit, kLimit));
  }
}

double least_parameters(const ActModelOptions& options, const EnvironmentSpec& spec) {
  double count = static_cast<double>(outputs_of(spec.actions)) + static_cast<double>(spec.features);
  double input = static_cast<double>(spec.features);
  for (const auto* widths : {&options.encoder, &options.policy_layers, &options.value_layers}) {
    if (widths != &options.encoder) input = 1;
    for (const int64_t width : *widths) {
      count += (input + 1) * static_cast<double>(width);
      input = static_cast<double>(width);
    }
  }
  return count + (options.has_memory() ? least_parameters(options.rnn) : 0) - static_cast<double>(spec.features);
}

}  // namespace recur
