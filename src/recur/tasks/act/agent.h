// A policy step by step: the network of an ActModel with the states of some agents side by side.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "recur/nn/stream.h"
#include "recur/tasks/act/act_model.h"

namespace recur {

// Computes in evaluation mode with the weights as they were when it was made, which are packed once. Copies share them
// and go on each from its own states. In f32, and where all recurrent layers can be stepped (nn/stream.h), a step
// allocates nothing. One thread at a time may use an Agent.
class Agent {
 public:
  Agent(const ActModel& model, int64_t agents);

  // One time step of all: observations [B, F] as the environment gives them -> policy [B, P], values [B].
  void step(std::span<const float> observations, std::span<float> policy, std::span<float> values);

  int64_t agents() const { return agents_; }                                        // B
  int64_t policy_size() const { return policy_size_; }                              // P
  std::span<const float> log_deviation() const { return weights_->log_deviation; }  // empty: choices
  std::span<const float> normalized() const { return x_; }                          // what the last step read, [B, F]

  // The states after the last step, of all agents or of one.
  AgentState state() const;
  AgentState state(int64_t agent) const;
  void set_state(const AgentState& state);
  void reset(int64_t agent);  // to zeros, as at the beginning of an episode

 private:
  // A linear layer with its weights in the order in which they are read.
  struct Dense {
    Dense(const Linear& layer, bool squashes);
    void operator()(std::span<const float> x, std::span<float> out, int64_t rows) const;

    int64_t in, out;
    bool squashes;                    // by tanh
    std::vector<float> weight, bias;  // [in, out]
  };
  // Layers one after the other; the last result lies in `room`.
  struct Chain {
    std::vector<Dense> layers;
    std::span<const float> operator()(std::span<const float> x, int64_t rows, std::vector<float>& room,
                                      std::vector<float>& other) const;
  };
  // What copies share: of each trunk its encoder, and the heads.
  struct Weights {
    std::vector<Chain> encoders;
    Chain policy, value;
    std::vector<float> log_deviation;
  };
  struct Part {  // of a trunk
    std::optional<Stream> stream;
    std::vector<float> y;
  };

  static std::shared_ptr<const Weights> weights_of(const ActModel& model);
  void step_fast(std::span<float> policy, std::span<float> values);
  void step_by_ops(std::span<float> policy, std::span<float> values);

  const ActModel* model_;
  int64_t agents_, policy_size_;
  std::shared_ptr<const Weights> weights_;
  std::vector<float> x_, room_, other_;
  bool fast_;
  std::vector<Part> parts_;
  AgentState state_;  // where it is not fast
};

}  // namespace recur
