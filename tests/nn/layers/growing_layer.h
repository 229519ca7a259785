// A layer whose state grows, for tests: each step gives the mean of all that it has seen, which it keeps. State
// [B, T, F], forwards, sequences of one length.
#pragma once

#include "recur/nn/layers/layer_kinds.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur::testing {

// y [B, F] in front, then the steps [t][B, F].
class GrowingStepper : public Stepper {
 public:
  GrowingStepper(int64_t streams, int64_t features) : streams_(streams), features_(features) {}

  StepState zero_state() const override { return {.values = AlignedVector<float>(static_cast<size_t>(size()))}; }
  void reset(StepState& state) const override { state.values.assign(static_cast<size_t>(size()), 0.0f); }
  StepRows step(StepRows x, StepState& state, float*) const override {
    for (int64_t b = 0; b < streams_; ++b)
      state.values.insert(state.values.end(), x.at + b * x.stride, x.at + b * x.stride + features_);
    float* y = state.values.data();
    const int64_t seen = steps(state);
    for (int64_t i = 0; i < size(); ++i) {
      float sum = 0;
      for (int64_t t = 1; t <= seen; ++t) sum += y[t * size() + i];
      y[i] = sum / static_cast<float>(seen);
    }
    return {y, features_};
  }
  Tensors read(const StepState& state, int64_t first, int64_t count) const override {
    Tensor part = Tensor::empty({count, steps(state), features_});
    float* to = part.data<float>();
    for (int64_t b = 0; b < count; ++b)
      for (int64_t t = 1; t <= steps(state); ++t, to += features_)
        std::copy_n(state.values.data() + t * size() + (first + b) * features_, features_, to);
    return {part};
  }
  void write(const Tensors& from, int64_t, StepState& state) const override {
    reset(state);
    for (int64_t t = 0; t < from[0].size(1); ++t)
      for (int64_t b = 0; b < streams_; ++b) {
        const float* row = from[0].data<float>() + (b * from[0].size(1) + t) * features_;
        state.values.insert(state.values.end(), row, row + features_);
      }
  }
  int64_t weight_bytes() const override { return 0; }

 private:
  int64_t size() const { return streams_ * features_; }
  int64_t steps(const StepState& state) const { return std::ssize(state.values) / size() - 1; }

  int64_t streams_, features_;
};

class GrowingLayer : public SequenceLayer {
 public:
  explicit GrowingLayer(const LayerSpec& spec) : features_(spec.input) {}

  std::string kind() const override { return "growing"; }
  bool reverse() const override { return false; }
  DType dtype() const override { return DType::kF32; }
  int64_t input_features() const override { return features_; }
  int64_t output_features() const override { return features_; }
  Tensors zero_states(int64_t batch, DType dtype) const override {
    return {Tensor::zeros({batch, 0, features_}, dtype)};
  }
  int growing_axis(size_t) const override { return 1; }

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override {
    const int64_t batch = call.packing.batch();
    Tensor seen = states[0];
    Tensors y;
    for (int64_t t = 0; t < call.packing.steps(); ++t) {
      const Tensor x = rows(input.x, t * batch, (t + 1) * batch);
      seen = concat({seen, reshape(x, {batch, 1, features_})}, 1);
      y.push_back(mean(seen, 1));
    }
    return {concat(y, 0), {seen}};
  }

  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override {
    return std::make_shared<const GrowingStepper>(options.streams, features_);
  }

 private:
  int64_t features_;
};

}  // namespace recur::testing
