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
#include "recur/kernels/stream-inl.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct GruGates : GateDefaults {
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

// The first convention of Cho et al.: the reset gate is applied to h before the product,
//   n = tanh(W_in x_t + b_in + W_hn (r h_{t-1}) + b_hn).
struct GruResetBeforeGates : GateDefaults {
  static constexpr int kGates = 3, kStates = 1, kSaved = 3, kUnitWeights = 0;
  static constexpr bool kSplit = false;
  static constexpr int kLateGates = 1;

  template <class V>
  static HWY_INLINE V late(const V* x, const V* r, const V& h, V* saved) {
    saved[0] = sigmoid(x[0] + r[0]);
    return saved[0] * h;
  }
  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V* saved) {
    saved[1] = sigmoid(x[1] + r[1]);
    saved[2] = tanh(x[2] + r[2]);
    s[0] = saved[2] + saved[1] * (s[0] - saved[2]);
  }

  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V*, V*) {
    const V z = at.saved[1], n = at.saved[2];
    dx[0] = V(0.0f);
    dx[1] = ds[0] * (at.before[0] - n) * z * (1.0f - z);
    dx[2] = ds[0] * (1.0f - z) * (1.0f - n * n);
    ds[0] = ds[0] * z;
  }
  template <class V>
  static HWY_INLINE void late_backward(const Step<V>& at, V d_late, V* ds, V* dx) {
    const V r = at.saved[0];
    dx[0] = d_late * at.before[0] * r * (1.0f - r);
    ds[0] = ds[0] + d_late * r;
  }
};

FloatKernels gru_kernels() { return float_kernels<GruGates, Lanes>(); }
FloatKernels gru_reset_before_kernels() { return float_kernels<GruResetBeforeGates, Lanes>(); }
StreamKernels gru_stream_kernels() { return stream_kernels<GruGates>(); }
StreamKernels gru_reset_before_stream_kernels() { return stream_kernels<GruResetBeforeGates>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(gru_kernels);
HWY_EXPORT(gru_reset_before_kernels);
HWY_EXPORT(gru_stream_kernels);
HWY_EXPORT(gru_reset_before_stream_kernels);

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
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, gru_kernels).half,
                            .stream = RECUR_CHOOSE_STREAM_KERNELS(Gates, gru_stream_kernels)};
  return cell;
}

const Cell& gru_reset_before_cell() {
  using Gates = HWY_STATIC_DISPATCH(GruResetBeforeGates);
  static const Cell cell = {.name = "gru_reset_before",
                            .description = "gated recurrent unit, reset before the product",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .forget_gate = 1,
                            .step = composed_step<Gates>,
                            .f32 = RECUR_CHOOSE_KERNELS(Gates, gru_reset_before_kernels).full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, gru_reset_before_kernels).half,
                            .stream = RECUR_CHOOSE_STREAM_KERNELS(Gates, gru_reset_before_stream_kernels)};
  return cell;
}

}  // namespace recur
#endif
