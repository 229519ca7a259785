// The LSTM with a matrix memory.
#pragma once

#include "recur/nn/layers/memory_layer.h"

namespace recur {

// Beck et al. 2024, "xLSTM: extended long short-term memory", arXiv 2405.04517, eq. 19 - 27. Of each head of d units,
// with k_t scaled by 1 / sqrt(d):
//   f_t = sigmoid(f'_t), i_t = exp(i'_t)    a number each, from x_t
//   C_t = f_t C_{t-1} + i_t k_t v_t^T,  n_t = f_t n_{t-1} + i_t k_t,
//   y_t = sigmoid(o'_t) (C_t^T q_t) / max(|n_t . q_t|, 1)
// States hold C and n divided by exp(m), m_t = max(log f_t + m_{t-1}, i'_t, 0). Since y does not depend on m, no
// gradient flows through it. Parameters: weight_ih [4 H, F], bias_ih: q, k, v, o; weight_gates [2 heads, F],
// bias_gates: i', f', of which the latter starts between 3 and 6. States: C [B, heads, d, d], keys first; n [B, heads,
// d]; m [B, heads].
class MlstmLayer : public MemoryLayer {
 public:
  explicit MlstmLayer(const LayerSpec& spec);

  Tensors zero_states(int64_t batch, DType dtype) const override;
  std::shared_ptr<const Stepper> stepper(const StreamOptions& options) const override;

 protected:
  Tensor leave(const Tensor& gate, const Tensor& read) const override;
  Tensors enter(const Tensors& projected) const override;
  Tensors gates(const Tensor& sums) const override;
  Tensors closed(const Tensors& gates, const Tensor& padding) const override;
  Tensor run_chunk(const MemoryChunk& chunk, Tensors& states) const override;
  Tensor run_step(const MemoryChunk& step, Tensors& states) const override;
  int64_t chunk_steps() const override { return 64; }
};

}  // namespace recur
