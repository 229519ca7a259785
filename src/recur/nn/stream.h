// A recurrent network fed one time step at a time, as samples arrive.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "recur/nn/recurrent.h"

namespace recur {

// Made by Recurrent::stream(). Computes in evaluation mode with the weights as they were then, packed once: training
// the network further does not reach it. Copies share the weights and go on each from its own state, so copying forks.
// One thread at a time may use a Stream; copies are independent.
class Stream {
 public:
  int64_t input_features() const;   // F
  int64_t output_features() const;  // H (or P) of the last layer

  // One time step: x [F] -> out [H], which may overlap. Throws, with the state as it was, when a size differs.
  void step(std::span<const float> x, std::span<float> out);

  // The state after the last step, of a batch of 1: a value that later steps leave alone.
  RecurrentState state() const;
  // Goes on from there; throws when it is not the state of such a network.
  void set_state(const RecurrentState& state);
  void reset();  // to zeros, as in the beginning

 private:
  friend class Recurrent;
  struct Model;

  explicit Stream(std::shared_ptr<const Model> model);
  void fused_step(std::span<const float> x, std::span<float> out);
  void composed_step(std::span<const float> x, std::span<float> out);

  std::shared_ptr<const Model> model_;
  std::vector<float> state_;    // of every layer h, then the inner states
  std::vector<float> scratch_;  // see fused_step
};

}  // namespace recur
