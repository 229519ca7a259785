#include "recur/nn/layers/cell_stepper.h"

#include <algorithm>

namespace recur {

StepState CellStepper::zero_state() const {
  return {.values = AlignedVector<float>(static_cast<size_t>(layer_.state_size()))};
}

StepRows CellStepper::step(StepRows x, StepState& state, float* scratch) const {
  const float* h = layer_.step({.rows = streams_,
                                .x = x.at,
                                .x_stride = x.stride,
                                .state = state.values.data(),
                                .scratch = scratch,
                                .half = state.turn});
  state.turn = 1 - state.turn;
  return {h, layer_.h_stride()};
}

Tensors CellStepper::read(const StepState& state, int64_t first, int64_t count) const {
  Tensors parts;
  for (int k = 0; k < layer_.parts(); ++k) {
    const int64_t size = layer_.part_size(k);
    float* to = parts.emplace_back(Tensor::empty({count, size})).data<float>();
    for (int64_t b = 0; b < count; ++b)
      std::copy_n(state.values.data() + layer_.part_offset(k, state.turn, first + b), size, to + b * size);
  }
  return parts;
}

void CellStepper::write(const Tensors& from, int64_t first, StepState& state) const {
  for (int k = 0; k < layer_.parts(); ++k) {
    const int64_t size = layer_.part_size(k);
    const float* part = from[k].data<float>();
    for (int64_t b = 0; b < from[k].size(0); ++b)
      std::copy_n(part + b * size, size, state.values.data() + layer_.part_offset(k, state.turn, first + b));
  }
}

}  // namespace recur
