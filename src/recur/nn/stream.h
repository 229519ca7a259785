// A recurrent network fed one time step at a time, as samples arrive: one stream of samples, or a few side by side.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "recur/nn/aligned.h"
#include "recur/nn/recurrent.h"

namespace recur {

// Made by Recurrent::stream(). Computes in evaluation mode with the weights as they were then, packed once: training
// the network further does not reach it. Copies share the weights and go on each from its own states, so copying forks.
// Stepping allocates nothing, takes no lock and makes no system call, unless a layer's
// state grows with its steps. One thread at a time may use a Stream; copies are
// independent.
class Stream {
 public:
  int64_t input_features() const;   // F
  int64_t output_features() const;  // H (or P) of the last layer
  int64_t streams() const;          // B

  // One time step of all streams: x [B, F] -> out [B, H], which may overlap. What one stream computes does not depend
  // on the others. Throws, with the states as they were, when a size differs.
  void step(std::span<const float> x, std::span<float> out);

  // The state after the last step, of all streams or of one ([1, ..]); later steps do not change it.
  RecurrentState state() const;
  RecurrentState state(int64_t stream) const;
  // Continues from this state; throws when it is not the state of such a network.
  void set_state(const RecurrentState& state);
  void set_state(const RecurrentState& state, int64_t stream);
  void reset();  // to zeros, as in the beginning
  void reset(int64_t stream);

  // Bytes of the packed weights, which a step reads once.
  int64_t weight_bytes() const;

 private:
  friend class Recurrent;
  template <int64_t kInput, int64_t kOutput>
  friend class StaticStream;
  struct Model;

  explicit Stream(std::shared_ptr<const Model> model);
  std::span<const std::shared_ptr<const Stepper>> layers() const;
  void advance(const float* x, float* out);
  void check_stream(int64_t stream) const;
  RecurrentState copy_state(int64_t first, int64_t count) const;
  void put_state(const RecurrentState& state, int64_t first, int64_t count);

  std::shared_ptr<const Model> model_;
  std::vector<StepState> states_;  // of each layer
  AlignedVector<float> scratch_;   // of the layer that is stepping
};

}  // namespace recur
