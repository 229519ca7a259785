// A layer of another kind than cells, for tests: two exponential moving averages of every feature, and their
// difference. State [B, 2, F].
#pragma once

#include "recur/nn/layers/layer_kinds.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"

namespace recur::testing {

// y [B, F] in front, then the state.
class AveragingStepper : public Stepper {
 public:
  AveragingStepper(Tensor rates, int64_t streams)
      : rates_(std::move(rates)), streams_(streams), features_(rates_.size(1)) {}

  StepState zero_state() const override {
    return {.values = AlignedVector<float>(static_cast<size_t>(3 * streams_ * features_))};
  }
  StepRows step(StepRows x, StepState& state, float*) const override {
    const float* rate = rates_.data<float>();
    for (int64_t b = 0; b < streams_; ++b)
      for (int64_t f = 0; f < features_; ++f) {
        float* averages = state.values.data() + at(b) + f;
        for (int64_t k = 0; k < 2; ++k) {
          float& average = averages[k * features_];
          average += rate[k * features_ + f] * (x.at[b * x.stride + f] - average);
        }
        state.values[static_cast<size_t>(b * features_ + f)] = averages[0] - averages[features_];
      }
    return {state.values.data(), features_};
  }
  Tensors read(const StepState& state, int64_t first, int64_t count) const override {
    Tensor part = Tensor::empty({count, 2, features_});
    std::copy_n(state.values.data() + at(first), part.numel(), part.data<float>());
    return {part};
  }
  void write(const Tensors& from, int64_t first, StepState& state) const override {
    std::copy_n(from[0].data<float>(), from[0].numel(), state.values.data() + at(first));
  }
  int64_t weight_bytes() const override { return static_cast<int64_t>(rates_.byte_size()); }

 private:
  int64_t at(int64_t stream) const { return (streams_ + 2 * stream) * features_; }

  Tensor rates_;
  int64_t streams_, features_;
};

class AveragingLayer : public SequenceLayer {
 public:
  explicit AveragingLayer(const LayerSpec& spec) : features_(spec.input), reverse_(spec.reverse) {
    Tensor rates = Tensor::empty({2, features_});
    init::uniform(rates, 0.1, 0.9, spec.random);
    rates_ = rates;
    register_parameter("rates", rates_);
  }

  std::string kind() const override { return "averaging"; }
  bool reverse() const override { return reverse_; }
  DType dtype() const override { return rates_->dtype(); }
  int64_t input_features() const override { return features_; }
  int64_t output_features() const override { return features_; }
  Tensors zero_states(int64_t batch, DType dtype) const override {
    return {Tensor::zeros({batch, 2, features_}, dtype)};
  }

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override {
    const Packing& packing = call.packing;
    const int64_t steps = packing.steps();
    if (steps == 0) return {Tensor::zeros({0, features_}, dtype()), states};
    Tensor averages = states[0];
    Tensors y(static_cast<size_t>(steps));
    for (int64_t s = 0; s < steps; ++s) {
      const int64_t t = reverse_ ? steps - 1 - s : s, n = packing.rows(t), begin = packing.offset(t);
      const Tensor x = reshape(rows(input.x, begin, begin + n), {n, 1, features_}), before = rows(averages, 0, n);
      const Tensor now = before + rates_ * (x - before);
      averages = concat({now, rows(averages, n, packing.batch())}, 0);
      const auto one = [&](int64_t k) { return reshape(slice(now, {.axis = 1, .begin = k}, 1), {n, features_}); };
      y[t] = one(0) - one(1);
    }
    return {concat(y, 0), {averages}};
  }

  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override {
    return std::make_shared<const AveragingStepper>(rates_->clone(), options.streams);
  }

 private:
  int64_t features_;
  bool reverse_;
  Parameter rates_;  // [2, F]
};

}  // namespace recur::testing
