// What steppers of layers that are no cells are made of: affine maps in packed weights, and states in one array.
#pragma once

#include <vector>

#include "recur/nn/layers/stepper.h"
#include "recur/nn/stream_layer.h"

namespace recur {

// x weight^T + bias of a few rows, with the weights as they were when it was made.
class StepAffine {
 public:
  StepAffine() = default;
  // weight [out, in]; bias [out] or undefined.
  StepAffine(const Tensor& weight, const Tensor& bias, WeightFormat format);

  int64_t stride() const { return panels_.layout().padded_hidden(); }  // floats from row to row of what comes out
  int64_t scratch_size(int64_t rows) const;                            // floats
  int64_t bytes() const { return panels_.bytes(); }

  // x [rows, in] -> to [rows, stride()], of which the first `out` columns count. `scratch` is aligned to 64 bytes.
  StepRows operator()(int64_t rows, StepRows x, float* to, float* scratch) const;

 private:
  PackedPanels panels_;
};

// A step of causal_conv() (nn/causal_conv.h), with the weights as they were when it was made.
class StepConv {
 public:
  StepConv() = default;
  StepConv(const Tensor& weight, const Tensor& bias);  // [K, H], [H] or undefined

  // x [H] becomes what the convolution makes of it and of the K - 1 rows `behind` it, `stride` floats apart, the latest
  // first, which move on. `scratch`: H floats.
  void operator()(float* x, float* behind, int64_t stride, float* scratch) const;
  int64_t steps() const { return weight_.defined() ? weight_.size(0) : 0; }  // K

 private:
  Tensor weight_, bias_;
};

// A state is the output of the last step [B, stride], then each part of the layer's state [B, ...]; all begin at
// multiples of 64 bytes.
class ArrayStepper : public Stepper {
 public:
  // zeros: the states of one stream, [1, ...] each. output_stride: floats a row of y takes.
  ArrayStepper(int64_t streams, const Tensors& zeros, int64_t output_stride);

  StepState zero_state() const override { return {.values = AlignedVector<float>(static_cast<size_t>(size_))}; }
  Tensors read(const StepState& state, int64_t first, int64_t count) const override;
  void write(const Tensors& from, int64_t first, StepState& state) const override;
  int64_t scratch_size() const override { return scratch_; }

 protected:
  int64_t streams() const { return streams_; }
  float* output(StepState& state) const { return state.values.data(); }
  // Part k of the state of one stream.
  float* part(StepState& state, size_t k, int64_t stream) const {
    return state.values.data() + begin_[k] + stream * part_size(k);
  }
  const float* part(const StepState& state, size_t k, int64_t stream) const {
    return state.values.data() + begin_[k] + stream * part_size(k);
  }
  int64_t part_size(size_t k) const { return shapes_[k].numel(); }
  StepRows output_rows(StepState& state) const { return {state.values.data(), stride_}; }

  // Room for `floats` in the scratch, for constructors: where it begins.
  int64_t place(int64_t floats);

 private:
  int64_t streams_, stride_;
  std::vector<Shape> shapes_;  // [1, ...] of each part
  std::vector<int64_t> begin_;
  int64_t size_ = 0, scratch_ = 0;
};

// In place, of n numbers: what the layers' ops compute, by the same kernels.
void sigmoid_of(float* x, int64_t n);
void tanh_of(float* x, int64_t n);
void gelu_tanh_of(float* x, int64_t n);

}  // namespace recur
