// The quasi-recurrent layer.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// Bradbury et al. 2016, "Quasi-recurrent neural networks", arXiv 1611.01576, with a window of two steps and fo-pooling:
//   z_t = tanh(.), f_t, o_t = sigmoid(.) of W [x_{t-1}; x_t] + b,  c_t = f_t c_{t-1} + (1 - f_t) z_t,  h_t = o_t c_t
// Parameters: weight_ih [3 H, 2 F] and bias_ih [3 H], in the order z, f, o. States: c [B, H], the last x [B, F].
class QrnnLayer : public ScanLayer {
 public:
  explicit QrnnLayer(const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;

 private:
  Parameter weight_, bias_;
};

}  // namespace recur
