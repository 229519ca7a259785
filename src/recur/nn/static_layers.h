// The layers of a stream as static kernels want them: what StaticStream needs of them that is no template.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "recur/kernels/static_layout.h"
#include "recur/nn/aligned.h"
#include "recur/nn/layers/stepper.h"
#include "recur/tensor/tensor.h"

namespace recur {

struct StaticLayer {
  kernels::StaticCell cell = {};
  int64_t lanes = 0;                                    // of the library's kernels on this CPU
  std::shared_ptr<const AlignedVector<float>> weights;  // packed
};

// Of layers with H units each; empty where one is no LSTM or GRU, is not plain (StreamLayer::is_plain) or has another
// width, or where this CPU has no static kernels.
std::vector<StaticLayer> static_layers(std::span<const std::shared_ptr<const Stepper>> layers, int64_t hidden);

// The state of a layer as tensors [1, H], h and c, and back.
Tensors read_static_state(kernels::StaticCell cell, const float* state, int64_t hidden);
void write_static_state(const Tensors& from, float* state);

}  // namespace recur
