// A layer over packed sequences by its streaming step, for inference with weights in a format of fewer bits.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "recur/nn/stream_layer.h"
#include "recur/nn/tensor_mark.h"

namespace recur {

// x [N, F] packed, states in sorted order, as run_layer; no graph is recorded.
LayerOutput run_steps(const StreamLayer& layer, const Tensor& x, const Tensors& states, const Packing& packing,
                      bool reverse);

// Keeps the last packed form of a layer while its parameters stay as they are. Thread-safe.
class SteppedLayer {
 public:
  std::shared_ptr<const StreamLayer> packed(const LayerParameters& parameters, const StreamLayerOptions& options);

 private:
  std::mutex mutex_;
  std::shared_ptr<const StreamLayer> packed_;
  WeightFormat format_ = WeightFormat::kF32;
  std::vector<TensorMark> parameters_;
};

}  // namespace recur
