// One recurrent layer, packed for single steps of a few rows: what a Stream is made of.
#pragma once

#include <array>
#include <optional>

#include "recur/kernels/sparse_affine.h"
#include "recur/kernels/stream.h"
#include "recur/nn/recurrent_layer.h"
#include "recur/tensor/tensor.h"

namespace recur {

using kernels::WeightFormat;

// The share of a weight that is left where a stream, and whole sequences, leave out its blocks of zeros
// (kernels/sparse_affine.h): below that of dense products, which are faster for many rows.
inline constexpr double kMostLeftInStream = 0.5, kMostLeftInSequences = 0.25;
// Of a matrix f32 [outputs, inputs].
bool has_sparse_blocks(const Tensor& weight, double most_left);

// An affine map or a layer's weights in panels. `kernels` must outlive it.
class PackedPanels {
 public:
  PackedPanels() = default;
  // x [n, in] -> x weight^T + bias; weight [out, in], bias [out] or undefined. Without its blocks of zeros, where there
  // are many.
  static PackedPanels affine(const Tensor& weight, const Tensor& bias, WeightFormat format);
  // gates and unit weights as in `shape`, whose format is that of the weights; lanes and width are found here.
  PackedPanels(const kernels::StreamKernels& kernels, kernels::PanelLayout shape, const kernels::StreamSource& source);

  const kernels::PanelLayout& layout() const { return step_.layout; }
  int64_t bytes() const { return bytes_.defined() ? bytes_.numel() : 0; }
  // The arguments of a step, without pointers to rows; and the step.
  kernels::StreamStep step() const { return step_; }
  void run(const kernels::StreamStep& step) const { run_(step); }
  // What was packed, as it was. REQUIRES: f32.
  void unpack(const kernels::StreamTarget& target) const;

 private:
  void pack_sparse(kernels::SparseBlocks kind, const Tensor& weight, const Tensor& bias);

  Tensor bytes_;
  std::optional<kernels::SparseLayout> sparse_;  // how they are packed, where blocks are left out
  kernels::StreamStep step_;
  void (*run_)(const kernels::StreamStep&) = nullptr;
};

struct StreamLayerOptions {
  const Cell* cell = nullptr;
  float zoneout = 0, zoneout_inner = 0;  // the share of the old h, and of the old inner states, that is kept
  WeightFormat weights = WeightFormat::kF32;
  int64_t rows = 1;  // at most
};

// Immutable; the states and the room to work in are the caller's. A layer's state is one array of state_size() floats,
// aligned to 64 bytes: h in two halves, which take turns being before and after a step, then the inner states, each for
// all rows.
class StreamLayer {
 public:
  // Keeps nothing of the parameters, which are f32.
  StreamLayer(const LayerParameters& parameters, const StreamLayerOptions& options);
  // The same for another number of rows at most; the weights are shared.
  StreamLayer with_rows(int64_t rows) const;

  const Cell& cell() const { return *cell_; }
  // Whether a step is the cell's alone, in f32: no projection, norm or zoneout; and then the weights and biases that it
  // was made from, zeros where there were none.
  bool is_plain() const;
  LayerParameters plain_parameters() const;

  int64_t input_features() const { return input_features_; }  // F
  int64_t output_features() const { return h_features_; }     // H or P
  int64_t weight_bytes() const;                               // of the packed weights
  int64_t h_stride() const { return h_stride_; }              // floats from row to row of h
  int64_t state_size() const { return rows_ * (2 * h_stride_ + (parts() - 1) * inner_stride_); }
  int64_t scratch_size() const { return scratch_size_; }  // floats

  int parts() const { return cell_->states; }
  int64_t part_size(int k) const { return k == 0 ? h_features_ : hidden_; }
  // Where part k of a row is, h or an inner state; `half` is that with the present h.
  int64_t part_offset(int k, int half, int64_t row) const {
    if (k == 0) return (half * rows_ + row) * h_stride_;
    return rows_ * (2 * h_stride_ + (k - 1) * inner_stride_) + row * inner_stride_;
  }

  struct Step {
    int64_t rows = 1;
    const float* x = nullptr;  // [rows, F]
    int64_t x_stride = 0;
    float* state = nullptr;
    float* scratch = nullptr;  // aligned to 64 bytes
    int half = 0;              // that holds h before the step; the other holds it afterwards
  };
  // Allocates nothing, locks nothing. Returns h after the step.
  const float* step(const Step& at) const;

 private:
  void pack_fused(const LayerParameters& p, const StreamLayerOptions& options);
  void pack_apart(const LayerParameters& p, const StreamLayerOptions& options);
  void place_scratch();
  std::array<const PackedPanels*, 5> all_panels() const {
    return {&fused_, &input_, &recurrent_, &late_, &projection_};
  }
  float* inner(const Step& at, int k, int64_t row) const { return at.state + part_offset(k, 0, row); }
  kernels::StreamStep step_through(const PackedPanels& panels, const Step& at) const;
  void linear_step(const PackedPanels& panels, const Step& at, const float* x, int64_t x_stride, float* next,
                   int64_t next_stride) const;
  void fused_step(const Step& at, const float* h, float* next) const;
  void apart_step(const Step& at, const float* h, float* next) const;
  bool has_late_gates() const { return cell_->late_gates() > 0; }
  void late_step(const Step& at, const float* h, float* next) const;
  kernels::CellRows<float> row_of(const Step& at, const float* h, float* next, int64_t row) const;
  void gates_of_row(const Step& at, const float* h, float* next, int64_t row) const;
  void mix_inner(const Step& at) const;

  const Cell* cell_;
  int64_t rows_, input_features_, hidden_, h_features_;
  int64_t h_stride_ = 0, inner_stride_ = 0;
  float zoneout_, zoneout_inner_;

  bool is_fused_;
  PackedPanels fused_;              // of [x; h], or, where something is between products and gates, apart:
  PackedPanels input_, recurrent_;  // [G H, F]; [G H, P] of all gates but ...
  PackedPanels late_;               // ... the late ones
  PackedPanels projection_;         // [P, H]
  bool projects_;
  Tensor norm_ih_, norm_hh_, norm_inner_;  // as LayerParameters
  Tensor unit_weights_;

  // Floats from the beginning of the scratch, a row's each but the last.
  struct Places {
    int64_t input, recurrent, late, saved, full, normal, before, quantised;
  };
  Places at_ = {};
  int64_t input_stride_ = 0, recurrent_stride_ = 0;
  int64_t scratch_size_ = 0;
};

}  // namespace recur
