// The linear recurrent unit: a diagonal recurrence of complex numbers.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// Orvieto et al. 2023, "Resurrecting recurrent neural networks for long sequences", arXiv 2303.06349, with as many
// complex states as units:
//   lambda = exp(-exp(nu) + i exp(theta)),  h_t = lambda h_{t-1} + exp(gamma) (B x_t),  y_t = Re(C h_t) + D x_t
// Parameters: nu, theta, gamma [H]; weight_ih [2 H, F]: Re B, then Im B; weight_out [H, 2 H]: Re C and -Im C side by
// side; weight_skip [H, F]: D. The moduli start between 0.9 and 0.999, the angles anywhere, gamma so that all states
// have one scale (eq. 6 and section 3.4). State: h [B, 2 H], real parts first.
class LruLayer : public ScanLayer {
 public:
  explicit LruLayer(const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;
  Tensor finish(const Tensor& h, const Tensor& x) const override;

 private:
  void initialize(const LayerSpec& spec);
  Tensor factor() const;  // lambda [2 H]
  Tensor scale() const;   // exp(gamma), twice: [2 H]

  Parameter nu_, theta_, gamma_, input_weight_, output_weight_, skip_;
};

}  // namespace recur
