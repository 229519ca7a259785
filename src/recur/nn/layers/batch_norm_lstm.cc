#include "recur/nn/layers/batch_norm_lstm.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "recur/base/error.h"
#include "recur/nn/init.h"
#include "recur/nn/layers/scan_layer.h"
#include "recur/ops/batch_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

constexpr int64_t kLstmGates = 4;
constexpr double kEpsilon = 1e-5, kMomentum = 0.1;
// Small, so that tanh and its gradient do not saturate: section 4 of the paper.
constexpr float kStartWeight = 0.1f;

// Batch normalisation of [B, F] with statistics for each step.
class StepNorm : public Module {
 public:
  StepNorm(int64_t features, int64_t steps, bool shifts)
      : steps_(steps), mean_(Tensor::zeros({steps, features})), variance_(Tensor::ones({steps, features})) {
    Tensor start = Tensor::empty({features});
    init::constant(start, static_cast<double>(kStartWeight));
    weight_ = start;
    if (shifts) bias_ = Tensor::zeros({features});
    register_parameter("weight", weight_);
    register_parameter("bias", bias_);
    register_buffer("running_mean", mean_);
    register_buffer("running_var", variance_);
  }

  // Of the batch's statistics, which then go into the running ones, where the batch has any and `learns`.
  Tensor operator()(const Tensor& x, int64_t step, bool learns) const {
    const int64_t row = std::min(step, steps_ - 1);
    if (!learns || x.size(0) < 2) {
      return batch_norm_inference(x, {row_of(mean_, row), row_of(variance_, row)}, weight_, bias_, kEpsilon);
    }
    const BatchNormResult result = batch_norm_training(x, weight_, bias_, kEpsilon);
    keep(result, row);
    return result.y;
  }

 private:
  static Tensor row_of(const Tensor& all, int64_t row) { return reshape(rows(all, row, row + 1), {all.size(1)}); }

  // running += 0.1 (batch - running); the first batch starts them.
  void keep(const BatchNormResult& batch, int64_t row) const {
    dispatch_float("StepNorm", mean_.dtype(), [&](auto zero) {
      using T = decltype(zero);
      Tensor running_mean = mean_, running_variance = variance_;
      const int64_t features = mean_.size(1);
      const std::span mean(running_mean.data<T>() + row * features, static_cast<size_t>(features));
      const std::span variance(running_variance.data<T>() + row * features, static_cast<size_t>(features));
      const bool first = std::ranges::all_of(mean, [](T x) { return x == 0; }) &&
                         std::ranges::all_of(variance, [](T x) { return x == 1; });
      const T share = first ? T{1} : static_cast<T>(kMomentum);
      const auto new_mean = batch.mean.values<T>(), new_variance = batch.variance.values<T>();
      for (size_t i = 0; i < mean.size(); ++i) {
        mean[i] += share * (new_mean[i] - mean[i]);
        variance[i] += share * (new_variance[i] - variance[i]);
      }
    });
  }

  int64_t steps_;
  Parameter weight_, bias_;
  Tensor mean_, variance_;  // [steps, F]; the variance unbiased
};

Tensor start_weight(int64_t out, int64_t in, int64_t hidden, Random& random) {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  Tensor weight = Tensor::empty({out, in});
  init::uniform(weight, -bound, bound, random);
  return weight;
}

class BatchNormLstm : public SequenceLayer {
 public:
  BatchNormLstm(int64_t steps, const LayerSpec& spec)
      : features_(spec.input),
        hidden_(spec.hidden),
        reverse_(spec.reverse),
        input_norm_(kLstmGates * hidden_, steps, false),
        hidden_norm_(kLstmGates * hidden_, steps, false),
        cell_norm_(hidden_, steps, true) {
    RecurrentOptions others = spec.options;
    others.forget_bias = 0;
    check_is_plain(kBatchNormLstm, others);
    weight_ih_ = start_weight(kLstmGates * hidden_, features_, hidden_, spec.random);
    weight_hh_ = start_weight(kLstmGates * hidden_, hidden_, hidden_, spec.random);
    Tensor bias = Tensor::zeros({kLstmGates * hidden_});
    std::fill_n(bias.data<float>() + hidden_, hidden_, static_cast<float>(spec.options.forget_bias));
    bias_ = bias;
    register_parameter("weight_ih", weight_ih_);
    register_parameter("weight_hh", weight_hh_);
    register_parameter("bias", bias_);
    register_module("norm_ih", input_norm_);
    register_module("norm_hh", hidden_norm_);
    register_module("norm_c", cell_norm_);
  }

  std::string kind() const override { return kBatchNormLstm; }
  bool reverse() const override { return reverse_; }
  DType dtype() const override { return weight_ih_->dtype(); }
  int64_t input_features() const override { return features_; }
  int64_t output_features() const override { return hidden_; }
  Tensors zero_states(int64_t batch, DType dtype) const override {
    return {Tensor::zeros({batch, hidden_}, dtype), Tensor::zeros({batch, hidden_}, dtype)};
  }

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override {
    const Packing& packing = call.packing;
    const int64_t steps = packing.steps();
    if (steps == 0) return {Tensor::zeros({0, hidden_}, dtype()), states};
    const bool learns = call.mode.is_training();
    const Tensor projected = linear(input.x, weight_ih_);
    Tensor h = states[0], c = states[1];
    Tensors y(static_cast<size_t>(steps));
    for (int64_t s = 0; s < steps; ++s) {
      const int64_t t = reverse_ ? steps - 1 - s : s, n = packing.rows(t), begin = packing.offset(t);
      const Tensor gates = input_norm_(rows(projected, begin, begin + n), s, learns) +
                           hidden_norm_(linear(rows(h, 0, n), weight_hh_), s, learns) + bias_;
      const Tensors gate = terms_of_gates(gates, 4);
      const Tensor cell = sigmoid(gate[1]) * rows(c, 0, n) + sigmoid(gate[0]) * tanh(gate[2]);
      const Tensor out = sigmoid(gate[3]) * tanh(cell_norm_(cell, s, learns));
      y[static_cast<size_t>(t)] = out;
      // Rows that are not there in this step keep their states.
      h = concat({out, rows(h, n, packing.batch())}, 0);
      c = concat({cell, rows(c, n, packing.batch())}, 0);
    }
    return {concat(y, 0), {h, c}};
  }

 private:
  int64_t features_, hidden_;  // F, H
  bool reverse_;
  StepNorm input_norm_, hidden_norm_, cell_norm_;
  Parameter weight_ih_, weight_hh_, bias_;
};

}  // namespace

LayerKind batch_norm_lstm_kind(const BatchNormLstmOptions& options) {
  if (options.steps < 1) fail("{}: steps: expected at least 1, got {}", kBatchNormLstm, options.steps);
  return {.name = kBatchNormLstm,
          .description = "LSTM with batch normalisation in its recurrence",
          .reverses = true,
          .make = [steps = options.steps](const LayerSpec& spec) {
            return std::make_shared<const BatchNormLstm>(steps, spec);
          }};
}

}  // namespace recur
