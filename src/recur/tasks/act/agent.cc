#include "recur/tasks/act/agent.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

std::vector<float> numbers_of(const Tensor& t) {
  const Tensor values = t.clone(DType::kF32);
  return {values.values<float>().begin(), values.values<float>().end()};
}

int64_t widest(const TanhLayers& layers) {
  int64_t most = 1;
  for (const Linear& each : layers.layers()) most = std::max(most, each.weight->size(0));
  return most;
}

bool can_be_stepped(const ActModel& model) {
  if (model.dtype() != DType::kF32) return false;
  for (const Trunk& trunk : model.trunks()) {
    if (!trunk.rnn()) continue;
    for (const auto& layer : trunk.rnn()->layers()) {
      if (layer->stepper({}) == nullptr) return false;
    }
  }
  return true;
}

StreamOptions streams_of(const ActModel& model, int64_t agents) {
  return {.streams = agents,
          .weights = model.infers_in_int8() ? kernels::WeightFormat::kI8 : kernels::WeightFormat::kF32};
}

AgentState zero_state(const ActModel& model, int64_t agents) {
  AgentState state;
  for (const Trunk& trunk : model.trunks()) {
    for (Tensors& each : trunk.zero_state(agents, model.dtype()).layers) state.layers.push_back(std::move(each));
  }
  return state;
}

}  // namespace

Agent::Dense::Dense(const Linear& layer, bool is_squashed)
    : in(layer.weight->size(1)), out(layer.weight->size(0)), squashes(is_squashed), bias(numbers_of(layer.bias)) {
  const std::vector<float> rows = numbers_of(layer.weight);
  weight.resize(rows.size());
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t i = 0; i < in; ++i) weight[static_cast<size_t>(i * out + o)] = rows[static_cast<size_t>(o * in + i)];
  }
}

void Agent::Dense::operator()(std::span<const float> x, std::span<float> y, int64_t rows) const {
  for (int64_t r = 0; r < rows; ++r) {
    float* sums = y.data() + r * out;
    std::ranges::copy(bias, sums);
    const float* w = weight.data();
    for (int64_t i = 0; i < in; ++i, w += out) {
      const float xi = x[static_cast<size_t>(r * in + i)];
      for (int64_t o = 0; o < out; ++o) sums[o] += xi * w[o];
    }
    if (!squashes) continue;
    for (int64_t o = 0; o < out; ++o) sums[o] = std::tanh(sums[o]);
  }
}

std::span<const float> Agent::Chain::operator()(std::span<const float> x, int64_t rows, std::vector<float>& room,
                                                std::vector<float>& other) const {
  for (const Dense& layer : layers) {
    layer(x, other, rows);
    std::swap(room, other);
    x = {room.data(), static_cast<size_t>(rows * layer.out)};
  }
  return x;
}

std::shared_ptr<const Agent::Weights> Agent::weights_of(const ActModel& model) {
  const auto chain_of = [](const TanhLayers& layers) {
    Chain chain;
    for (const Linear& each : layers.layers()) chain.layers.emplace_back(each, true);
    return chain;
  };
  auto weights = std::make_shared<Weights>();
  for (const Trunk& trunk : model.trunks()) weights->encoders.push_back(chain_of(trunk.encoder()));
  weights->policy = chain_of(model.policy().layers());
  weights->policy.layers.emplace_back(model.policy().output(), false);
  weights->value = chain_of(model.value().layers());
  weights->value.layers.emplace_back(model.value().output(), false);
  if (model.log_deviation()->defined()) weights->log_deviation = numbers_of(model.log_deviation());
  return weights;
}

Agent::Agent(const ActModel& model, int64_t agents)
    : model_(&model),
      agents_(agents),
      policy_size_(model.policy().output().weight->size(0)),
      weights_(weights_of(model)),
      x_(static_cast<size_t>(agents * model.spec().features)),
      fast_(can_be_stepped(model)) {
  if (!fast_) {
    state_ = zero_state(model, agents);
    return;
  }
  int64_t width = std::max({policy_size_, widest(model.policy().layers()), widest(model.value().layers())});
  for (const Trunk& trunk : model.trunks()) {
    Part& part = parts_.emplace_back();
    if (trunk.rnn()) part.stream = trunk.rnn()->stream(streams_of(model, agents));
    part.y.resize(static_cast<size_t>(agents * trunk.output_features()));
    width = std::max(width, widest(trunk.encoder()));
  }
  room_.resize(static_cast<size_t>(agents * width));
  other_ = room_;
}

void Agent::step(std::span<const float> observations, std::span<float> policy, std::span<float> values) {
  model_->normalize(observations, x_);
  fast_ ? step_fast(policy, values) : step_by_ops(policy, values);
}

void Agent::step_fast(std::span<float> policy, std::span<float> values) {
  for (size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const std::span<const float> encoded = weights_->encoders[i](x_, agents_, room_, other_);
    if (part.stream) {
      part.stream->step(encoded, part.y);
    } else {
      std::ranges::copy(encoded, part.y.begin());
    }
  }
  std::ranges::copy(weights_->policy(parts_.front().y, agents_, room_, other_), policy.begin());
  std::ranges::copy(weights_->value(parts_.back().y, agents_, room_, other_), values.begin());
}

void Agent::step_by_ops(std::span<float> policy, std::span<float> values) {
  const autograd::NoGrad no_grad;
  const Tensor x =
      Tensor::from(std::span<const float>(x_), {1, agents_, model_->spec().features}).clone(model_->dtype());
  Tensors y;
  AgentState after;
  size_t first = 0;
  for (const Trunk& trunk : model_->trunks()) {
    RunOptions run{.mode = Mode::evaluation()};
    const size_t layers = trunk.rnn() ? trunk.rnn()->layers().size() : 0;
    for (size_t l = 0; l < layers; ++l) run.state.layers.push_back(state_.layers[first + l]);
    first += layers;
    RecurrentOutput out = trunk(x, run);
    for (Tensors& each : out.state.layers) after.layers.push_back(std::move(each));
    y.push_back(out.y);
  }
  state_ = std::move(after);
  const std::vector<float> outputs = numbers_of(model_->policy()(y.front())),
                           of_value = numbers_of(model_->value()(y.back()));
  std::ranges::copy(outputs, policy.begin());
  std::ranges::copy(of_value, values.begin());
}

AgentState Agent::state() const {
  if (!fast_) return state_;
  AgentState all;
  for (const Part& part : parts_) {
    if (!part.stream) continue;
    for (Tensors& each : part.stream->state().layers) all.layers.push_back(std::move(each));
  }
  return all;
}

AgentState Agent::state(int64_t agent) const {
  AgentState one;
  if (fast_) {
    for (const Part& part : parts_) {
      if (!part.stream) continue;
      for (Tensors& each : part.stream->state(agent).layers) one.layers.push_back(std::move(each));
    }
    return one;
  }
  for (const Tensors& layer : state_.layers) {
    Tensors parts;
    for (const Tensor& each : layer) parts.push_back(rows(each, agent, agent + 1).clone());
    one.layers.push_back(std::move(parts));
  }
  return one;
}

void Agent::set_state(const AgentState& state) {
  if (!fast_) {
    state_ = state;
    return;
  }
  size_t first = 0;
  for (Part& part : parts_) {
    if (!part.stream) continue;
    RecurrentState own;
    const size_t layers = model_->trunks()[static_cast<size_t>(&part - parts_.data())].rnn()->layers().size();
    for (size_t l = 0; l < layers; ++l) own.layers.push_back(state.layers.at(first + l));
    first += layers;
    part.stream->set_state(own);
  }
}

void Agent::reset(int64_t agent) {
  if (fast_) {
    for (Part& part : parts_) {
      if (part.stream) part.stream->reset(agent);
    }
    return;
  }
  std::vector<uint8_t> keep(static_cast<size_t>(agents_), 1);
  keep[static_cast<size_t>(agent)] = 0;
  state_ = state_.reset(keep);
}

}  // namespace recur
