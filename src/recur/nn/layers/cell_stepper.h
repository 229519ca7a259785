// A cell's streaming step as a stack's.
#pragma once

#include "recur/nn/layers/stepper.h"
#include "recur/nn/stream_layer.h"

namespace recur {

class CellStepper : public Stepper {
 public:
  CellStepper(StreamLayer layer, int64_t streams) : layer_(std::move(layer)), streams_(streams) {}

  StepState zero_state() const override;
  StepRows step(StepRows x, StepState& state, float* scratch) const override;
  int64_t scratch_size() const override { return layer_.scratch_size(); }
  Tensors read(const StepState& state, int64_t first, int64_t count) const override;
  void write(const Tensors& from, int64_t first, StepState& state) const override;
  int64_t weight_bytes() const override { return layer_.weight_bytes(); }
  const StreamLayer* cell_layer() const override { return &layer_; }

 private:
  StreamLayer layer_;
  int64_t streams_;
};

}  // namespace recur
