// The gated delta rule: a matrix memory that writes what it did not already hold.
#pragma once

#include "recur/nn/layers/memory_layer.h"

namespace recur {

// Yang, Kautz and Hatamizadeh 2024, "Gated delta networks", arXiv 2412.06464, eq. 10. Of each head of d units:
//   S_t = alpha_t (I - beta_t k_t k_t^T) S_{t-1} + beta_t k_t v_t^T,  y_t = silu(o'_t) (S_t^T q_t)
// with v = silu(v'), q and k the silu of their projections divided by their length, alpha_t = exp(-rate softplus(a'_t))
// and beta_t = sigmoid(b'_t), a number each from x_t. With `negative` beta_t is twice that, so that a step can turn a
// direction around: Grazzi et al. 2024, "Unlocking state-tracking in linear RNNs through negative eigenvalues", arXiv
// 2411.12537. Their block's short convolutions and norm are left out. Parameters: weight_ih [4 H, F], bias_ih: q, k, v,
// o; weight_gates [2 heads, F], bias_gates: a', b'; log_rate [heads]. State: S [B, heads, d, d], keys first.
class DeltaLayer : public MemoryLayer {
 public:
  DeltaLayer(const std::string& name, bool negative, const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  Tensor leave(const Tensor& gate, const Tensor& read) const override;
  Tensors enter(const Tensors& projected) const override;
  Tensors gates(const Tensor& sums) const override;
  Tensors closed(const Tensors& gates, const Tensor& padding) const override;
  Tensor run_chunk(const MemoryChunk& chunk, Tensors& states) const override;
  Tensor run_step(const MemoryChunk& step, Tensors& states) const override;
  int64_t chunk_steps() const override { return 32; }

 private:
  bool negative_;
  Parameter log_rate_;
};

// (I + A)^-1 of matrices A [G, L, L] that have zeros on and above the diagonal, by matrix products.
Tensor inverse_of_unit_lower(const Tensor& a);

}  // namespace recur
