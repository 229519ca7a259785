#include "recur/tasks/network/network_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/ops/cast.h"
#include "recur/tasks/recurrent_options.h"

namespace recur {
namespace {

constexpr size_t kMostLayers = 1000;

// A lower bound on the parameters of a layer, as floating point, which cannot overflow.
double least_parameters_of(const StackLayer& layer, int64_t input) {
  const auto size = static_cast<double>(layer.size), in = static_cast<double>(input);
  if (layer.kind == "dense") return size * in;
  if (layer.kind == "embedding") return size * static_cast<double>(layer.vocabulary);
  if (layer.kind == "conv") return size * in * static_cast<double>(layer.kernel);
  if (layer.kind == "layer_norm" || layer.kind == "scale") return 2 * in;
  if (!is_recurrent(layer)) return 0;
  return (layer.bidirectional ? 2 : 1) * least_parameters({.cell = layer.kind,
                                                           .hidden = layer.size,
                                                           .layers = static_cast<int>(layer.layers),
                                                           .projection = layer.projection});
}

void check_fit(const StackLayer& layer, size_t k, const std::vector<StackLayer>& stack, bool one) {
  if (one && (is_recurrent(layer) || layer.kind == "conv" || layer.kind == "embedding" || layer.kind == "last" ||
              layer.kind == "reverse")) {
    fail("stack: layer {} ('{}'): behind 'last' a sequence has one output, which this layer cannot read", k + 1,
         text_of(layer));
  }
  if (layer.kind == "embedding" && k > 0) {
    fail("stack: layer {} ('{}'): an embedding must be the first layer, since it reads indices of symbols", k + 1,
         text_of(layer));
  }
  if (layer.layers > static_cast<int64_t>(kMostLayers)) {
    fail("stack: layer {} ('{}'): expected at most {} layers", k + 1, text_of(layer), kMostLayers);
  }
  if (layer.kind == "last" && k == 0) fail("stack: 'last' must follow a layer, got it first of {}", stack.size());
}

// Whether each step has an output at its place.
bool keeps_steps(const StackLayer& layer) {
  if (layer.kind == "last") return false;
  return layer.kind != "conv" ||
         (layer.stride == 1 && layer.before + layer.after == (layer.kernel - 1) * layer.dilation);
}

// `features`: before each layer up to k.
void check_join(const std::vector<StackLayer>& stack, size_t k, const std::vector<int64_t>& features) {
  if (!is_join(stack[k].kind)) return;
  const auto fail_join = [&](const std::string& what) {
    fail("stack: layer {} ('{}'): {}", k + 1, text_of(stack[k]), what);
  };
  const auto back = static_cast<size_t>(stack[k].back);
  if (back > k) fail_join(fmt::format("there are only {} layers before it", k));
  if (features[k - back] != features[k])
    fail_join(fmt::format("it joins {} features and {}", features[k - back], features[k]));
  for (size_t between = k - back; between < k; ++between)
    if (!keeps_steps(stack[between]))
      fail_join(fmt::format("layer {} ('{}') gives another number of steps than it reads", between + 1,
                            text_of(stack[between])));
}

// Whether the layer in front goes both ways.
bool turns_before(const std::vector<StackLayer>& stack, size_t k) { return k > 0 && stack[k - 1].bidirectional; }

}  // namespace

void check_stack(const NetworkModelOptions& options, int64_t elements) {
  const std::vector<StackLayer> stack = parse_stack(options.stack);
  if (stack.empty() || stack.size() > kMostLayers) {
    fail("stack: expected 1 to {} layers, got {}", kMostLayers, stack.size());
  }
  double least = 0;
  std::vector<int64_t> features{options.input};
  bool one = false;
  for (size_t k = 0; k < stack.size(); ++k) {
    check_fit(stack[k], k, stack, one);
    check_join(stack, k, features);
    least += least_parameters_of(stack[k], features.back());
    features.push_back(features_after(stack[k], features.back()));
    one = one || stack[k].kind == "last";
  }
  check_least_parameters(least, elements);
}

NetworkModel::NetworkModel(const NetworkModelOptions& options)
    : stack_(parse_stack(options.stack)), features_{options.input}, is_kept_(stack_.size()) {
  for (size_t k = 0; k < stack_.size(); ++k) {
    stages_.push_back(make_stage(stack_[k], features_.back(), turns_before(stack_, k)));
    if (const Module* module = stages_.back()->parameters()) register_module(std::to_string(k), *module);
    features_.push_back(features_after(stack_[k], features_.back()));
    if (is_join(stack_[k].kind)) is_kept_[k - static_cast<size_t>(stack_[k].back)] = true;
  }
}

Tensor NetworkModel::run_layer(size_t k, const Tensors& at, StageState& state) const {
  return stages_[k]->run_joined(at[k], at[k - static_cast<size_t>(stack_[k].back)], state);
}

Tensor NetworkModel::operator()(const Tensor& x, State& state) const {
  state.resize(stages_.size());
  const Tensors all = parameters();
  Tensors at{all.empty() ? x : cast(x, all.front().dtype())};
  for (size_t k = 0; k < stages_.size(); ++k) {
    at.push_back(run_layer(k, at, state[k]));
    if (!is_kept_[k]) at[k] = {};
  }
  return at.back();
}

int64_t NetworkModel::vocabulary() const { return stack_.front().kind == "embedding" ? stack_.front().vocabulary : 0; }

std::vector<std::string> NetworkModel::layers_that_look_ahead() const {
  std::vector<std::string> names;
  for (size_t k = 0; k < stages_.size(); ++k) {
    if (!stages_[k]->is_causal()) names.push_back(text_of(stack_[k]));
  }
  return names;
}

bool NetworkModel::gives_one() const {
  return std::ranges::any_of(stack_, [](const StackLayer& layer) { return layer.kind == "last"; });
}

NetworkStream::NetworkStream(const NetworkModel& model) : input_(model.input_features()) {
  if (const std::vector<std::string> layers = model.layers_that_look_ahead(); !layers.empty()) {
    fail_usage("a network with the {} '{}', which {} whole sequences, cannot go step by step",
               layers.size() == 1 ? "layer" : "layers", fmt::join(layers, "', '"),
               layers.size() == 1 ? "needs" : "need");
  }
  for (size_t k = 0; k < model.stages().size(); ++k) {
    stages_.push_back(model.stages()[k]->stepper());
    back_.push_back(model.stack()[k].back);
    outputs_.emplace_back(static_cast<size_t>(model.features()[k + 1]));
  }
}

NetworkStream::NetworkStream(const NetworkStream& other)
    : input_(other.input_), back_(other.back_), outputs_(other.outputs_) {
  for (const auto& stage : other.stages_) stages_.push_back(stage->clone());
}

std::span<const float> NetworkStream::step(std::span<const float> x) {
  if (std::ssize(x) != input_) fail("step: expected {} features, got {}", input_, x.size());
  const auto read_by = [&](size_t k) { return k == 0 ? x : std::span<const float>(outputs_[k - 1]); };
  for (size_t k = 0; k < stages_.size(); ++k)
    stages_[k]->step_joined(read_by(k), read_by(k - static_cast<size_t>(back_[k])), outputs_[k]);
  return outputs_.back();
}

void NetworkStream::reset() {
  for (const auto& stage : stages_) stage->reset();
}

}  // namespace recur
