// A layer over packed sequences by its streaming step, for inference with weights of 8-bit integers, or without those
// in blocks of zeros.
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
  // Whether so many blocks of the weights are zeros that whole sequences are faster without them.
  bool is_sparse(const LayerParameters& parameters);

 private:
  std::mutex mutex_;
  bool is_sparse_ = false;
  TensorMark looked_at_[2];
  std::shared_ptr<const StreamLayer> packed_;
  WeightFormat format_ = WeightFormat::kF32;
  std::vector<TensorMark> parameters_;
};

}  // namespace recur
