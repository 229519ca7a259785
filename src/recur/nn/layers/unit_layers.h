// Recurrences of every unit by itself that are not linear in the state: IndRNN and SRU.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// Li et al. 2018, "Independently recurrent neural network (IndRNN): building a longer and deeper RNN", arXiv
// 1803.04831:
//   h_t = relu(W x_t + u h_{t-1} + b)
// Parameters: weight_ih [H, F], bias_ih [H], and recurrent [H], u, which starts uniform in [0, 1]. State: h [B, H].
class IndRnnLayer : public ScanLayer {
 public:
  explicit IndRnnLayer(const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;

 private:
  Parameter weight_, bias_, recurrent_;
};

// Lei et al. 2018, "Simple recurrent units for highly parallelizable recurrence", arXiv 1709.02755:
//   f_t = sigmoid(W_f x_t + v_f c_{t-1} + b_f),  c_t = f_t c_{t-1} + (1 - f_t) (W x_t)
//   r_t = sigmoid(W_r x_t + v_r c_{t-1} + b_r),  h_t = r_t c_t + (1 - r_t) x_t
// The x of h is W_s x_t where F is not H. Parameters: weight_ih [G H, F] in the order W, f, r and, where it is there,
// W_s; bias_ih [2 H]: b_f, b_r; forget_peephole and reset_peephole [H]: v_f, v_r. State: c [B, H].
class SruLayer : public ScanLayer {
 public:
  explicit SruLayer(const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;

 private:
  bool skips() const { return input_features() == hidden(); }  // x itself stands beside c
  // b_f and b_r behind zeros for W, and before zeros for W_s; undefined without biases.
  Tensor whole_bias() const;

  Parameter weight_, bias_, forget_, reset_;
};

}  // namespace recur
