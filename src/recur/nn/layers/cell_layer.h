// A recurrent cell over time: by the fused loop, the staged one or their composed twin (nn/recurrent_layer.h), and by
// its streaming step.
#pragma once

#include "recur/nn/cells/cell.h"
#include "recur/nn/layers/sequence_layer.h"
#include "recur/nn/recurrent_layer.h"

namespace recur {

class SteppedLayer;
class StreamLayer;
struct StreamLayerOptions;

// States: h [B, H or P], then the inner states [B, H].
class CellLayer : public SequenceLayer {
 public:
  // `cell` must outlive it. Throws what the cell cannot do of the options.
  CellLayer(const Cell& cell, const LayerSpec& spec);

  std::string kind() const override { return cell_.name; }
  bool reverse() const override { return reverse_; }
  DType dtype() const override { return parameters_.weight_ih->dtype(); }
  int64_t input_features() const override { return input_; }
  int64_t output_features() const override { return width_; }
  int64_t decay_features() const override { return width_; }
  Tensors zero_states(int64_t batch, DType dtype) const override;

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override;
  bool reads_table(int64_t rows, const LayerCall& call) const override;
  LayerOutput run_traced(const PaddedLayerInput& input) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

  const Cell& cell() const { return cell_; }
  int64_t hidden() const { return hidden_; }  // H
  // The parameters as this thread reads them now.
  LayerParameters tensors() const { return converted<Tensor>(parameters_); }

 private:
  LayerOptions loop_options(const LayerCall& call) const;
  bool is_replaced() const;
  LayerParameters dropped_weights(Mode mode) const;
  std::shared_ptr<const StreamLayer> int8_kernel() const;
  StreamLayerOptions step_options(kernels::WeightFormat weights) const;
  bool runs_in_int8(Mode mode) const;

  const Cell& cell_;
  RecurrentOptions options_;
  bool reverse_;
  int64_t input_, hidden_, width_;  // F, H, and the features of h: H or P
  LayerTensors<Parameter> parameters_;
  std::shared_ptr<PackedWeight> packed_;   // of the fused loop
  std::shared_ptr<SteppedLayer> stepped_;  // of inference in int8
};

}  // namespace recur
