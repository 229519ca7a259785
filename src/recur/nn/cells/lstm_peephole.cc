// LSTM with peepholes (Gers and Schmidhuber 2000): the gates also see the cell state, each unit its own,
//   i, f gain p_i c_{t-1}, p_f c_{t-1}, and o gains p_o c_t. Gate order i, f, g, o; rows of `peephole` p_i, p_f, p_o.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/nn/cells/lstm_peephole.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/recurrent-inl.h"
#include "recur/kernels/stream-inl.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct LstmPeepholeGates : GateDefaults {
  static constexpr int kGates = 4, kStates = 2, kSaved = 4, kUnitWeights = 3;
  static constexpr bool kSplit = false;
  static constexpr int kOutputGate = 3;

  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V* w, V* s, V* saved) {
    saved[0] = sigmoid(x[0] + r[0] + w[0] * s[1]);
    saved[1] = sigmoid(x[1] + r[1] + w[1] * s[1]);
    saved[2] = tanh(x[2] + r[2]);
    s[1] = saved[1] * s[1] + saved[0] * saved[2];
    saved[3] = sigmoid(x[3] + r[3] + w[2] * s[1]);
    s[0] = saved[3] * tanh(s[1]);
  }

  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V*, V* dw) {
    backward_from_output_gate(at, backward_to_output_gate(at.saved[kOutputGate], at.after[1], ds), ds, dx, dw);
  }

  // d_o: the gradient of the output gate, h = o tanh(c) being dealt with.
  template <class V>
  static HWY_INLINE void backward_from_output_gate(const Step<V>& at, V d_o, V* ds, V* dx, V* dw) {
    const V i = at.saved[0], f = at.saved[1], g = at.saved[2], o = at.saved[3];
    dx[3] = d_o * o * (1.0f - o);
    const V dc = ds[1] + dx[3] * at.w[2];
    dx[0] = dc * g * i * (1.0f - i);
    dx[1] = dc * at.before[1] * f * (1.0f - f);
    dx[2] = dc * i * (1.0f - g * g);
    dw[0] = dx[0] * at.before[1];
    dw[1] = dx[1] * at.before[1];
    dw[2] = dx[3] * at.after[1];
    ds[1] = dc * f + dx[0] * at.w[0] + dx[1] * at.w[1];
  }
};

FloatKernels lstm_peephole_kernels() { return float_kernels<LstmPeepholeGates, Lanes>(); }
StreamKernels lstm_peephole_stream_kernels() { return stream_kernels<LstmPeepholeGates>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(lstm_peephole_kernels);
HWY_EXPORT(lstm_peephole_stream_kernels);

const Cell& lstm_peephole_cell() {
  using Gates = HWY_STATIC_DISPATCH(LstmPeepholeGates);
  static const Cell cell = {.name = "lstm_peephole",
                            .description = "LSTM whose gates see the cell state",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .unit_weights = Gates::kUnitWeights,
                            .forget_gate = 1,
                            .input_gate = 0,
                            .step = composed_step<Gates>,
                            .f32 = RECUR_CHOOSE_KERNELS(Gates, lstm_peephole_kernels).full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, lstm_peephole_kernels).half,
                            .stream = RECUR_CHOOSE_STREAM_KERNELS(Gates, lstm_peephole_stream_kernels)};
  return cell;
}

}  // namespace recur
#endif
