// The network of an agent: encoder, recurrent layers, and the heads of policy and value.
#pragma once

#include <optional>
#include <vector>

#include "recur/environments/environment.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/act/act_options.h"

namespace recur {

// Linear layers, each followed by tanh. Parameters: 0.weight, 0.bias, 1.weight, ...
class TanhLayers : public Module {
 public:
  TanhLayers(int64_t input, const std::vector<int64_t>& widths, Random& random);

  Tensor operator()(Tensor x) const;
  int64_t output_features() const { return output_; }
  const std::vector<Linear>& layers() const { return layers_; }

 private:
  std::vector<Linear> layers_;
  int64_t output_;
};

// Encoder and recurrent layers, which there may be none of.
class Trunk : public Module {
 public:
  Trunk(const ActModelOptions& options, int64_t features, Random& random);

  // x [T, B, F] -> y [T, B, H].
  RecurrentOutput operator()(const Tensor& x, const RunOptions& run) const;
  int64_t output_features() const { return rnn_ ? rnn_->output_features() : encoder_.output_features(); }
  RecurrentState zero_state(int64_t batch, DType dtype) const;
  const TanhLayers& encoder() const { return encoder_; }
  const std::optional<Recurrent>& rnn() const { return rnn_; }

 private:
  TanhLayers encoder_;
  std::optional<Recurrent> rnn_;
};

// Tanh layers and a linear one.
class Head : public Module {
 public:
  struct Output {
    int64_t size;
    double gain;  // of the initial weights
  };
  Head(int64_t input, const std::vector<int64_t>& widths, const Output& output, Random& random);

  Tensor operator()(const Tensor& x) const { return output_(layers_(x)); }
  const TanhLayers& layers() const { return layers_; }
  const Linear& output() const { return output_; }

 private:
  TanhLayers layers_;
  Linear output_;
};

// The states of all trunks, one behind the other.
using AgentState = RecurrentState;

class ActModel : public Module {
 public:
  // `options`: complete (choose_defaults()).
  ActModel(const ActModelOptions& options, const EnvironmentSpec& spec, Random& random);

  struct Output {
    Tensor policy;  // [T, B, choices] logits, or [T, B, numbers] means
    Tensor values;  // [T, B]
  };
  // x [T, B, F], normalised; state of each sequence before its first step, undefined: zeros.
  Output operator()(const Tensor& x, const std::vector<int64_t>& lengths, const AgentState& state, Mode mode) const;

  const EnvironmentSpec& spec() const { return spec_; }
  const ActModelOptions& options() const { return options_; }
  DType dtype() const { return policy_.output().weight->dtype(); }

  std::span<const Trunk> trunks() const { return trunks_; }  // one, or that of the policy and that of the value
  const Head& policy() const { return policy_; }
  const Head& value() const { return value_; }
  const Parameter& log_deviation() const { return log_deviation_; }  // [numbers], or undefined

  // Observations are (x - mean) / deviation, within +-10: buffers [F] of the model, or undefined.
  void set_scale(std::span<const double> mean, std::span<const double> deviation);
  // One observation, or several one behind the other.
  void normalize(std::span<const float> observations, std::span<float> out) const;

 private:
  ActModelOptions options_;
  EnvironmentSpec spec_;
  std::vector<Trunk> trunks_;
  Head policy_, value_;
  Parameter log_deviation_;
  Tensor mean_, deviation_;
};

// A lower bound on the number of parameters.
double least_parameters(const ActModelOptions& options, const EnvironmentSpec& spec);

}  // namespace recur
