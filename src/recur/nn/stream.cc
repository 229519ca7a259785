#include "recur/nn/stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/nn/stream_layer.h"

namespace recur {

struct Stream::Model {
  Recurrent network;  // for what it says of states; its weights are not read
  int64_t streams;    // B
  std::vector<StreamLayer> layers = {};
  int64_t state_size = 0, scratch_size = 0;
};

Stream Recurrent::stream(const StreamOptions& options) const {
  if (options_.bidirectional)
    fail("stream: a bidirectional network needs the whole sequence and cannot go step by step");
  if (options.streams < 1) fail("stream: streams: expected at least 1, got {}", options.streams);
  const DType dtype = layers_[0].parameters.weight_ih.dtype();
  if (dtype != DType::kF32) fail("stream: expected a network in f32, got {}", name_of(dtype));
  const autograd::NoGrad no_grad;
  auto model = std::make_shared<Stream::Model>(Stream::Model{.network = *this, .streams = options.streams});
  for (const Layer& layer : layers_) {
    StreamLayerOptions one = step_options(layer, options.weights);
    one.rows = options.streams;
    const StreamLayer& made = model->layers.emplace_back(layer.parameters, one);
    model->state_size += made.state_size();
    model->scratch_size = std::max(model->scratch_size, made.scratch_size());
  }
  return Stream(std::move(model));
}

Stream::Stream(std::shared_ptr<const Model> model)
    : model_(std::move(model)),
      states_(static_cast<size_t>(model_->state_size)),
      scratch_(static_cast<size_t>(model_->scratch_size)) {}

int64_t Stream::input_features() const { return model_->network.options().input; }
int64_t Stream::output_features() const { return model_->network.output_features(); }
int64_t Stream::streams() const { return model_->streams; }

int64_t Stream::weight_bytes() const {
  int64_t bytes = 0;
  for (const StreamLayer& layer : model_->layers) bytes += layer.weight_bytes();
  return bytes;
}

void Stream::step(std::span<const float> x, std::span<float> out) {
  const int64_t wanted_x = streams() * input_features(), wanted_out = streams() * output_features();
  if (std::ssize(x) != wanted_x) fail("stream: x: expected {} features, got {}", wanted_x, x.size());
  if (std::ssize(out) != wanted_out) fail("stream: out: expected room for {} features, got {}", wanted_out, out.size());
  advance(x.data(), out.data());
}

void Stream::advance(const float* x, float* out) {
  const int64_t B = model_->streams;
  StreamLayer::Step at{.rows = B,
                       .x = x,
                       .x_stride = model_->layers.front().input_features(),
                       .state = states_.data(),
                       .scratch = scratch_.data(),
                       .half = half_};
  for (const StreamLayer& layer : model_->layers) {
    at.x = layer.step(at);
    at.x_stride = layer.h_stride();
    at.state += layer.state_size();
  }
  half_ = 1 - half_;
  const int64_t width = model_->layers.back().output_features();
  for (int64_t b = 0; b < B; ++b)
    std::memcpy(out + b * width, at.x + b * at.x_stride, static_cast<size_t>(width) * sizeof(float));
}

// Calls f(layer, part, offset of the part of stream 0, stride to the next stream, size).
template <class F>
void Stream::for_each_part(F&& f) const {
  int64_t begin = 0;
  for (size_t l = 0; l < model_->layers.size(); ++l) {
    const StreamLayer& layer = model_->layers[l];
    for (int k = 0; k < layer.parts(); ++k) {
      const int64_t first = layer.part_offset(k, half_, 0);
      f(l, static_cast<size_t>(k), begin + first, layer.part_offset(k, half_, 1) - first, layer.part_size(k));
    }
    begin += layer.state_size();
  }
}

void Stream::check_stream(int64_t stream) const {
  if (stream < 0 || stream >= streams()) fail("stream: expected one of streams 0 .. {}, got {}", streams() - 1, stream);
}

RecurrentState Stream::copy_state(int64_t first, int64_t count) const {
  RecurrentState result = model_->network.zero_state(count);
  for_each_part([&](size_t layer, size_t part, int64_t offset, int64_t stride, int64_t size) {
    float* to = result.layers[layer][part].data<float>();
    for (int64_t b = 0; b < count; ++b)
      std::copy_n(states_.data() + offset + (first + b) * stride, size, to + b * size);
  });
  return result;
}

RecurrentState Stream::state() const { return copy_state(0, streams()); }

RecurrentState Stream::state(int64_t stream) const {
  check_stream(stream);
  return copy_state(stream, 1);
}

void Stream::put_state(const RecurrentState& state, int64_t first, int64_t count) {
  model_->network.check_state(state, count, DType::kF32);
  for_each_part([&](size_t layer, size_t part, int64_t offset, int64_t stride, int64_t size) {
    const float* from = std::as_const(state.layers[layer][part]).data<float>();
    for (int64_t b = 0; b < count; ++b)
      std::copy_n(from + b * size, size, states_.data() + offset + (first + b) * stride);
  });
}

void Stream::set_state(const RecurrentState& state) { put_state(state, 0, streams()); }

void Stream::set_state(const RecurrentState& state, int64_t stream) {
  check_stream(stream);
  put_state(state, stream, 1);
}

void Stream::reset() { std::ranges::fill(states_, 0.0f); }

void Stream::reset(int64_t stream) {
  check_stream(stream);
  for_each_part([&](size_t, size_t, int64_t offset, int64_t stride, int64_t size) {
    std::fill_n(states_.data() + offset + stream * stride, size, 0.0f);
  });
}

}  // namespace recur
