#include "recur/nn/stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "recur/autograd/node.h"

namespace recur {

struct Stream::Model {
  Recurrent network;  // for what it says of states; its weights are not read
  int64_t streams;    // B
  std::vector<std::shared_ptr<const Stepper>> layers = {};
  int64_t scratch_size = 0;
};

Stream Recurrent::stream(const StreamOptions& options) const {
  if (options_.bidirectional)
    fail("stream: a bidirectional network needs the whole sequence and cannot go step by step");
  if (options.streams < 1) fail("stream: streams: expected at least 1, got {}", options.streams);
  const DType dtype = layers_[0]->dtype();
  if (dtype != DType::kF32) fail("stream: expected a network in f32, got {}", name_of(dtype));
  const autograd::NoGrad no_grad;
  auto model = std::make_shared<Stream::Model>(Stream::Model{.network = *this, .streams = options.streams});
  for (const auto& layer : layers_) {
    const auto& stepper = model->layers.emplace_back(layer->stepper(options));
    if (stepper == nullptr) fail("stream: a layer of kind {} cannot go step by step", layer->kind());
    model->scratch_size = std::max(model->scratch_size, stepper->scratch_size());
  }
  return Stream(std::move(model));
}

Stream::Stream(std::shared_ptr<const Model> model)
    : model_(std::move(model)), scratch_(static_cast<size_t>(model_->scratch_size)) {
  for (const auto& layer : model_->layers) states_.push_back(layer->zero_state());
}

int64_t Stream::input_features() const { return model_->network.options().input; }
int64_t Stream::output_features() const { return model_->network.output_features(); }
int64_t Stream::streams() const { return model_->streams; }

std::span<const std::shared_ptr<const Stepper>> Stream::layers() const { return model_->layers; }

int64_t Stream::weight_bytes() const {
  int64_t bytes = 0;
  for (const auto& layer : model_->layers) bytes += layer->weight_bytes();
  return bytes;
}

void Stream::step(std::span<const float> x, std::span<float> out) {
  const int64_t wanted_x = streams() * input_features(), wanted_out = streams() * output_features();
  if (std::ssize(x) != wanted_x) fail("stream: x: expected {} features, got {}", wanted_x, x.size());
  if (std::ssize(out) != wanted_out) fail("stream: out: expected room for {} features, got {}", wanted_out, out.size());
  advance(x.data(), out.data());
}

void Stream::advance(const float* x, float* out) {
  const Model& model = *model_;
  StepRows rows{x, model.network.options().input};
  for (size_t l = 0; l < states_.size(); ++l) rows = model.layers[l]->step(rows, states_[l], scratch_.data());
  const int64_t width = model.network.output_features();
  for (int64_t b = 0; b < model.streams; ++b)
    std::memcpy(out + b * width, rows.at + b * rows.stride, static_cast<size_t>(width) * sizeof(float));
}

void Stream::check_stream(int64_t stream) const {
  if (stream < 0 || stream >= streams()) fail("stream: expected one of streams 0 .. {}, got {}", streams() - 1, stream);
}

RecurrentState Stream::copy_state(int64_t first, int64_t count) const {
  RecurrentState result;
  for (size_t l = 0; l < states_.size(); ++l)
    result.layers.push_back(model_->layers[l]->read(states_[l], first, count));
  return result;
}

RecurrentState Stream::state() const { return copy_state(0, streams()); }

RecurrentState Stream::state(int64_t stream) const {
  check_stream(stream);
  return copy_state(stream, 1);
}

void Stream::put_state(const RecurrentState& state, int64_t first, int64_t count) {
  model_->network.check_state(state, count, DType::kF32);
  for (size_t l = 0; l < states_.size(); ++l) model_->layers[l]->write(state.layers[l], first, states_[l]);
}

void Stream::set_state(const RecurrentState& state) { put_state(state, 0, streams()); }

void Stream::set_state(const RecurrentState& state, int64_t stream) {
  check_stream(stream);
  put_state(state, stream, 1);
}

void Stream::reset() {
  for (size_t l = 0; l < states_.size(); ++l) model_->layers[l]->reset(states_[l]);
}

void Stream::reset(int64_t stream) {
  check_stream(stream);
  put_state(model_->network.zero_state(1), stream, 1);
}

}  // namespace recur
