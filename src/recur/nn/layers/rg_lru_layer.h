// The real-gated linear recurrent unit, alone and in Griffin's recurrent block.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// De et al. 2024, "Griffin: mixing gated linear recurrences with local attention", arXiv 2402.19427, section 2.4. With
// u_t = W_in x_t + b_in:
//   r_t, i_t = sigmoid(.) of W_g u_t + b_g,  a_t = sigmoid(lambda)^(8 r_t),
//   h_t = a_t h_{t-1} + sqrt(1 - a_t^2) (i_t u_t),  y_t = h_t
// Their gates' matrices are block-diagonal, these are full. sigmoid(lambda)^8 starts between 0.9 and 0.999. 1 - a^2 is
// taken as 1e-6 at least, where the root's slope would be infinite.
//
// As a block (section 2.3), u_t goes through a depthwise causal convolution of 4 steps first, and
//   y_t = W_out (h_t gelu(W_b x_t + b_b)) + b_out, the gelu by tanh
// Parameters: weight_ih [H, F], bias_ih; weight_gates [2 H, H], bias_gates: r, i; lambda [H]; of the block also
// weight_branch [H, F], bias_branch; weight_conv [4, H], the present step last, bias_conv [H]; weight_out [H, H],
// bias_out. States: h [B, H]; of the block also the last three W_in x_t + b_in, the latest first, each [B, H].
class RgLruLayer : public ScanLayer {
 public:
  RgLruLayer(std::string name, bool is_block, const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;
  Tensor finish(const Tensor& h, const Tensor& x) const override;

 private:
  void make_block(const LayerSpec& spec);
  Tensor rate() const;  // -8 log(sigmoid(lambda)) [H]

  bool is_block_;
  Parameter weight_, bias_, gate_weight_, gate_bias_, lambda_;
  Parameter branch_weight_, branch_bias_, conv_weight_, conv_bias_, output_weight_, output_bias_;
};

}  // namespace recur
