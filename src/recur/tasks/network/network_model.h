// An imported network: layers in a row.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/nn/module.h"
#include "recur/tasks/network/network_options.h"
#include "recur/tasks/network/network_stage.h"

namespace recur {

// Throws Error when the layers do not fit each other, or need more than `elements` parameters, found without making
// any.
void check_stack(const NetworkModelOptions& options, int64_t elements);

// The parameters of layer k are called "k.NAME", as those of PyTorch's nn.Sequential: 0.weight_ih_l0, 1.weight.
class NetworkModel : public Module {
 public:
  // The parameters are to be replaced.
  explicit NetworkModel(const NetworkModelOptions& options);

  using State = std::vector<StageState>;
  // x [T, B, F], sequences of one length -> y [T', B, O], of `last` T' = 1. Goes on from `state` and leaves the one
  // behind; REQUIRES: is_causal(), where it is not empty.
  Tensor operator()(const Tensor& x, State& state) const;
  Tensor operator()(const Tensor& x) const {
    State state;
    return (*this)(x, state);
  }

  // What layer k gives; `at`: what each layer up to k reads, at[0] the network's input.
  Tensor run_layer(size_t k, const Tensors& at, StageState& state) const;

  const std::vector<StackLayer>& stack() const { return stack_; }
  std::span<const std::shared_ptr<const NetworkStage>> stages() const { return stages_; }
  int64_t input_features() const { return features_.front(); }     // F
  int64_t output_features() const { return features_.back(); }     // O
  std::span<const int64_t> features() const { return features_; }  // before each layer, and behind the last
  // V, if symbols are read; else 0.
  int64_t vocabulary() const;
  // Whether each step has an output that needs nothing of what comes after; and if not, the layer that does.
  bool is_causal() const { return layers_that_look_ahead().empty(); }
  std::vector<std::string> layers_that_look_ahead() const;  // as they are written in a stack
  // Whether a sequence has one output.
  bool gives_one() const;

 private:
  std::vector<StackLayer> stack_;
  std::vector<int64_t> features_;
  std::vector<std::shared_ptr<const NetworkStage>> stages_;
  std::vector<bool> is_kept_;  // whether a join reads what this layer reads
};

// An imported network one time step at a time, from a zero state. A value: copying forks. Stepping allocates nothing.
class NetworkStream {
 public:
  // Throws UsageError for a network that is not causal, naming the layer.
  explicit NetworkStream(const NetworkModel& model);
  NetworkStream(const NetworkStream& other);
  NetworkStream& operator=(const NetworkStream&) = delete;

  int64_t input_features() const { return input_; }
  int64_t output_features() const { return std::ssize(outputs_.back()); }
  // x [F] -> y [O], valid until the next step.
  std::span<const float> step(std::span<const float> x);
  void reset();

 private:
  int64_t input_;
  std::vector<std::unique_ptr<StageStepper>> stages_;
  std::vector<int64_t> back_;                // of a join; else 0
  std::vector<std::vector<float>> outputs_;  // of each
};

}  // namespace recur
