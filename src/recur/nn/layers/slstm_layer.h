// The LSTM with exponential gates.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// Beck et al. 2024, "xLSTM: extended long short-term memory", arXiv 2405.04517, eq. 8 - 18, with heads that do not see
// each other:
//   z_t = tanh(.), o_t, f_t = sigmoid(.), i_t = exp(.) of W x_t + b + R h_{t-1},
//   c_t = f_t c_{t-1} + i_t z_t,  n_t = f_t n_{t-1} + i_t,  h_t = o_t c_t / n_t
// R is block-diagonal, a block each head. States hold c and n divided by exp(m), m_t = max(log f_t + m_{t-1}, i'_t),
// i'_t the logarithm of i_t; where n is 0, m_t = i'_t. Since h does not depend on m, no gradient flows through it. A
// step needs h of the step before: there is no scan, and steps run one after the other. Parameters: weight_ih [4 H, F],
// bias_ih [4 H]: z, i, f, o; weight_hh [4 H, d], d = H / heads, the units of a head reading its own h. Forget biases
// start between 3 and 6. States: h [B, H]; c, n and m [B, 3, H].
class SlstmLayer : public ScanLayer {
 public:
  explicit SlstmLayer(const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;

 private:
  int64_t heads_;
  Parameter weight_, recurrent_weight_, bias_;
};

}  // namespace recur
