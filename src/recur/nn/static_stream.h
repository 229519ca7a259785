// One stream of a network whose sizes are known at compile time.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "recur/kernels/static_step.h"
#include "recur/nn/static_layers.h"
#include "recur/nn/stream.h"

namespace recur {

// Samples and outputs are arrays, and a step checks nothing:
//
//   StaticStream<8, 32> stream(lstm.stream());
//   std::array<float, 32> h = stream.step(sample);
//
// Layers of LSTM, GRU and GRU that resets before the product, of kOutput <= 64 units each, in f32, without options that
// change a step, have kernels for these very sizes, on CPUs with AVX2 or AVX-512, whatever flags this header is
// compiled with: has_own_kernels(). Everything else steps as the Stream does. The results of both differ by rounding.
//
// As of a Stream: stepping allocates nothing, takes no lock and makes no system call; copies share the weights and go
// on each from its own state; one thread at a time may use one.
template <int64_t kInput, int64_t kOutput>
class StaticStream {
 public:
  using Input = std::array<float, kInput>;
  using Output = std::array<float, kOutput>;

  // Goes on from the stream's state; throws when its sizes are others.
  explicit StaticStream(Stream stream) : stream_(std::move(stream)) {
    if (stream_.input_features() != kInput || stream_.output_features() != kOutput || stream_.streams() != 1)
      fail("StaticStream: expected one stream of {} to {} features, got {} of {} to {}", kInput, kOutput,
           stream_.streams(), stream_.input_features(), stream_.output_features());
    if constexpr (kOutput <= kMostUnits) choose_kernels();
    take_state(stream_.state());
  }

  void step(const Input& x, Output& out) {
    if (layers_.empty()) return stream_.advance(x.data(), out.data());
    const float* at = x.data();
    float* state = state_.data();
    for (const Layer& layer : layers_) {
      layer.run(layer.weights, at, state, turn_);
      at = state;
      state += kStateSize;
    }
    turn_ = !turn_;
    std::copy_n(at, kOutput, out.data());
  }
  Output step(const Input& x) {
    Output out;
    step(x, out);
    return out;
  }

  bool has_own_kernels() const { return !layers_.empty(); }

  // As a Stream's.
  RecurrentState state() const {
    if (layers_.empty()) return stream_.state();
    RecurrentState result;
    for (size_t l = 0; l < layers_.size(); ++l)
      result.layers.push_back(read_static_state(packed_[l].cell, state_.data() + l * kStateSize, kOutput));
    return result;
  }
  void set_state(const RecurrentState& state) {
    stream_.set_state(state);  // checks it
    take_state(state);
  }
  void reset() {
    stream_.reset();
    std::ranges::fill(state_, 0.0f);
  }

  // A stream that goes on from here.
  Stream stream() const {
    Stream result = stream_;
    result.set_state(state());
    return result;
  }

 private:
  static constexpr int64_t kMostUnits = 64;
  static constexpr int64_t kStateSize = kernels::static_state_size(kOutput);

  struct Layer {
    kernels::StaticStepFunction run = nullptr;
    const float* weights = nullptr;
  };

  void choose_kernels() {
    packed_ = static_layers(stream_.layers(), kOutput);
    for (const StaticLayer& each : packed_) {
      const auto run = layers_.empty() ? kernels::static_step<kInput, kOutput>(each.cell, each.lanes)
                                       : kernels::static_step<kOutput, kOutput>(each.cell, each.lanes);
      layers_.push_back({run, each.weights->data()});
    }
    state_.resize(layers_.size() * kStateSize);
  }

  void take_state(const RecurrentState& state) {
    for (size_t l = 0; l < layers_.size(); ++l) write_static_state(state.layers[l], state_.data() + l * kStateSize);
  }

  Stream stream_;                    // which steps where there are no kernels, and knows of states
  std::vector<StaticLayer> packed_;  // empty, as the next two, without kernels
  std::vector<Layer> layers_;
  AlignedVector<float> state_;  // of each layer: see static_layout.h
  bool turn_ = false;           // see StaticStepFunction
};

}  // namespace recur
