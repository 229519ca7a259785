// Gated recurrent unit (Cho et al. 2014) with the reset gate applied after the product, as in PyTorch and cuDNN; gate
// order r, z, n:
//   r, z = sigmoid(.) of W_ih x_t + b_ih + W_hh h_{t-1} + b_hh,
//   n = tanh(W_in x_t + b_in + r (W_hn h_{t-1} + b_hn)),  h_t = (1 - z) n + z h_{t-1}.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/nn/cells/gru.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/recurrent-inl.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct GruGates {
  static constexpr int kGates = 3, kStates = 1, kSaved = 4, kUnitWeights = 0;
  static constexpr bool kSplit = true;

  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V* saved) {
    saved[0] = sigmoid(x[0] + r[0]);
    saved[1] = sigmoid(x[1] + r[1]);
    saved[2] = tanh(x[2] + saved[0] * r[2]);
    saved[3] = r[2];
    s[0] = saved[2] + saved[1] * (s[0] - saved[2]);
  }

  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V* dr, V*) {
    const V r = at.saved[0], z = at.saved[1], n = at.saved[2];
    dx[2] = ds[0] * (1.0f - z) * (1.0f - n * n);
    dr[2] = dx[2] * r;
    dx[0] = dr[0] = dx[2] * at.saved[3] * r * (1.0f - r);
    dx[1] = dr[1] = ds[0] * (at.before[0] - n) * z * (1.0f - z);
    ds[0] = ds[0] * z;
  }
};

FloatKernels gru_kernels() { return float_kernels<GruGates, Lanes>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
namespace {

// The first convention of Cho et al.: the reset gate is applied to h before the product,
//   n = tanh(W_in x_t + b_in + W_hn (r h_{t-1}) + b_hn).
void gru_reset_before_step(const ComposedStep& in, Tensors& states) {
  const Tensor& h = states[0];
  const int64_t hidden = h.size(1);
  const Tensor product = in.product(h, 0, 2);
  const Tensor r = sigmoid(gate(in.x, 0, hidden) + gate(product, 0, hidden));
  const Tensor z = sigmoid(gate(in.x, 1, hidden) + gate(product, 1, hidden));
  const Tensor n = tanh(gate(in.x, 2, hidden) + in.product(r * h, 2, 1));
  states[0] = n + z * (h - n);
}

}  // namespace

HWY_EXPORT(gru_kernels);

const Cell& gru_cell() {
  using Gates = HWY_STATIC_DISPATCH(GruGates);
  static const Cell cell = {.name = "gru",
                            .description = "gated recurrent unit, reset after the product (PyTorch, cuDNN)",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .forget_gate = 1,
                            .step = composed_step<Gates>,
                            .f32 = RECUR_CHOOSE_KERNELS(Gates, gru_kernels).full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, gru_kernels).half};
  return cell;
}

const Cell& gru_reset_before_cell() {
  static const Cell cell = {.name = "gru_reset_before",
                            .description = "gated recurrent unit, reset before the product",
                            .gates = 3,
                            .forget_gate = 1,
                            .step = gru_reset_before_step};
  return cell;
}

}  // namespace recur
#endif
