// Gated recurrences without a product of their own state: minGRU and minLSTM.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// Feng et al. 2024, "Were RNNs all we needed?", arXiv 2410.01201. With the candidate c_t = g(W_c x_t + b_c), where
// g(x) = x + 0.5 for x >= 0 and sigmoid(x) below, which is positive:
//   minGRU   z_t = sigmoid(W_z x_t + b_z),  h_t = (1 - z_t) h_{t-1} + z_t c_t
//   minLSTM  f_t, i_t = sigmoid(.),  h_t = (f_t h_{t-1} + i_t c_t) / (f_t + i_t)
// Parameters: weight_ih [G H, F] and bias_ih [G H], gates z, c or f, i, c. State: h [B, H].
class MinLayer : public ScanLayer {
 public:
  // gates: 2, minGRU; 3, minLSTM.
  MinLayer(std::string name, int gates, const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;

 private:
  int gates_;
  Parameter weight_, bias_;
};

}  // namespace recur
