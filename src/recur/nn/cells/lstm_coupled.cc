// LSTM with coupled input and forget gates (Greff et al. 2017, "CIFG"): what is forgotten is what is written,
//   f = sigmoid(.), g = tanh(.), o = sigmoid(.),  c_t = f c_{t-1} + (1 - f) g,  h_t = o tanh(c_t). Gate order f, g, o.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/nn/cells/lstm_coupled.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/recurrent-inl.h"
#include "recur/kernels/stream-inl.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct LstmCoupledGates : GateDefaults {
  static constexpr int kGates = 3, kStates = 2, kSaved = 3, kUnitWeights = 0;
  static constexpr bool kSplit = false;
  static constexpr int kOutputGate = 2;

  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V* saved) {
    saved[0] = sigmoid(x[0] + r[0]);
    saved[1] = tanh(x[1] + r[1]);
    saved[2] = sigmoid(x[2] + r[2]);
    s[1] = saved[1] + saved[0] * (s[1] - saved[1]);
    s[0] = saved[2] * tanh(s[1]);
  }

  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V*, V* dw) {
    backward_from_output_gate(at, backward_to_output_gate(at.saved[kOutputGate], at.after[1], ds), ds, dx, dw);
  }

  // d_o: the gradient of the output gate, h = o tanh(c) being dealt with.
  template <class V>
  static HWY_INLINE void backward_from_output_gate(const Step<V>& at, V d_o, V* ds, V* dx, V*) {
    const V f = at.saved[0], g = at.saved[1], o = at.saved[2], dc = ds[1];
    dx[0] = dc * (at.before[1] - g) * f * (1.0f - f);
    dx[1] = dc * (1.0f - f) * (1.0f - g * g);
    dx[2] = d_o * o * (1.0f - o);
    ds[1] = dc * f;
  }
};

FloatKernels lstm_coupled_kernels() { return float_kernels<LstmCoupledGates, Lanes>(); }
StreamKernels lstm_coupled_stream_kernels() { return stream_kernels<LstmCoupledGates>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(lstm_coupled_kernels);
HWY_EXPORT(lstm_coupled_stream_kernels);

const Cell& lstm_coupled_cell() {
  using Gates = HWY_STATIC_DISPATCH(LstmCoupledGates);
  static const Cell cell = {.name = "lstm_coupled",
                            .description = "LSTM with coupled input and forget gates",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .forget_gate = 0,
                            .step = composed_step<Gates>,
                            .f32 = RECUR_CHOOSE_KERNELS(Gates, lstm_coupled_kernels).full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, lstm_coupled_kernels).half,
                            .stream = RECUR_CHOOSE_STREAM_KERNELS(Gates, lstm_coupled_stream_kernels)};
  return cell;
}

}  // namespace recur
#endif
