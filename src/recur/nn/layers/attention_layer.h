// Self-attention as a layer of a stack: causal, over a window of the last steps, so that a stream can go on for ever.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// Vaswani et al. 2017, "Attention is all you need", over the W = attention_window steps up to the present one. Of each
// head of d units
//   y_t = sum over i = 0 .. W - 1 of a_i v_{t-i},  a = softmax over i of q_t . k_{t-i} / sqrt(d) + distance[i]
// with q, k and v projections of x, and a number learned for each distance i, which begin as the slopes of Press, Smith
// and Lewis 2022, "Train short, test long", arXiv 2108.12409: -2^(-8 (n + 1) / heads) i of head n. A projection of y is
// left to what follows, such as the block around it. Parameters: weight_ih [3 H, F], bias_ih: q, k, v; distance
// [heads, W], that of the present step last. States: keys and values [B, W - 1, H] of the steps before, the oldest
// first, and 1 where there was a step, else 0, [B, W - 1].
class AttentionLayer : public ScanLayer {
 public:
  explicit AttentionLayer(const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;

 private:
  int64_t head_size() const { return hidden() / heads_; }  // d
  Tensors step(const Tensors& x, const Tensors& states) const;
  Tensor read_all(const Tensors& projected, Tensors& states, const Packing& packing) const;
  Tensor apart(const Tensor& x) const;
  Tensor distances(int64_t steps) const;

  int64_t heads_, window_;
  Parameter weight_, bias_, distance_;
};

}  // namespace recur
