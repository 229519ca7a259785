// A layer of a stack, ready to go one time step at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "recur/kernels/stream.h"
#include "recur/nn/aligned.h"
#include "recur/tensor/tensor.h"

namespace recur {

class StreamLayer;

// How a network is to be stepped: see nn/stream.h.
struct StreamOptions {
  int64_t streams = 1;  // B, independent ones side by side, each with a state of its own
  // What the packed weights are stored as: a step reads all of them, so half the bytes are up to twice as fast.
  kernels::WeightFormat weights = kernels::WeightFormat::kF32;
};

// The state of one layer for all streams: a value, whose meaning is its stepper's. Zeros are the state before the first
// step.
struct StepState {
  AlignedVector<float> values;
  int turn = 0;                       // of a state that lies twice: which half is the present one
  std::vector<StepState> inner = {};  // of the layers that this one is made of

  void clear() {
    std::ranges::fill(values, 0.0f);
    turn = 0;
    for (StepState& each : inner) each.clear();
  }
};

// Rows of features, `stride` floats apart.
struct StepRows {
  const float* at = nullptr;
  int64_t stride = 0;
};

// Packed weights, shared and immutable; the state and the room to work in are the caller's. Many threads may step, each
// a state of its own.
class Stepper {
 public:
  virtual ~Stepper() = default;

  virtual StepState zero_state() const = 0;
  // To zeros, as in the beginning. A state that grows with its steps shrinks here.
  virtual void reset(StepState& state) const { state.clear(); }

  // One time step of all streams: x [B, F] -> y [B, P], which lies in the state and stays until its next step. What a
  // stream computes does not depend on the others. A layer whose state has a fixed size allocates and locks nothing.
  // `scratch` is aligned to 64 bytes; steps share it.
  virtual StepRows step(StepRows x, StepState& state, float* scratch) const = 0;
  virtual int64_t scratch_size() const { return 0; }  // floats

  // The states of streams first .. first + count - 1 as tensors, shaped as the layer's; and back.
  virtual Tensors read(const StepState& state, int64_t first, int64_t count) const = 0;
  virtual void write(const Tensors& from, int64_t first, StepState& state) const = 0;

  // Bytes of the packed weights, which a step reads once.
  virtual int64_t weight_bytes() const = 0;

  // Of a cell, its step; null of anything else.
  virtual const StreamLayer* cell_layer() const { return nullptr; }
};

}  // namespace recur
