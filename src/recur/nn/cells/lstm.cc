// Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers, Schmidhuber and Cummins 2000),
// gates in PyTorch's order i, f, g, o:
//   i, f, o = sigmoid(.), g = tanh(.) of W_ih x_t + b_ih + W_hh h_{t-1} + b_hh,
//   c_t = f c_{t-1} + i g,  h_t = o tanh(c_t).
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/nn/cells/lstm.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/recurrent-inl.h"
#include "recur/kernels/stream-inl.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct LstmGates : GateDefaults {
  static constexpr int kGates = 4, kStates = 2, kSaved = 4, kUnitWeights = 0;
  static constexpr bool kSplit = false;
  static constexpr int kOutputGate = 3;

  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V* saved) {
    saved[0] = sigmoid(x[0] + r[0]);
    saved[1] = sigmoid(x[1] + r[1]);
    saved[2] = tanh(x[2] + r[2]);
    saved[3] = sigmoid(x[3] + r[3]);
    s[1] = saved[1] * s[1] + saved[0] * saved[2];
    s[0] = saved[3] * tanh(s[1]);
  }

  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V*, V* dw) {
    backward_from_output_gate(at, backward_to_output_gate(at.saved[kOutputGate], at.after[1], ds), ds, dx, dw);
  }

  // d_o: the gradient of the output gate, h = o tanh(c) being dealt with.
  template <class V>
  static HWY_INLINE void backward_from_output_gate(const Step<V>& at, V d_o, V* ds, V* dx, V*) {
    const V i = at.saved[0], f = at.saved[1], g = at.saved[2], o = at.saved[3], dc = ds[1];
    dx[0] = dc * g * i * (1.0f - i);
    dx[1] = dc * at.before[1] * f * (1.0f - f);
    dx[2] = dc * i * (1.0f - g * g);
    dx[3] = d_o * o * (1.0f - o);
    ds[1] = dc * f;
  }
};

FloatKernels lstm_kernels() { return float_kernels<LstmGates, Lanes>(); }
StreamKernels lstm_stream_kernels() { return stream_kernels<LstmGates>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(lstm_kernels);
HWY_EXPORT(lstm_stream_kernels);

const Cell& lstm_cell() {
  using Gates = HWY_STATIC_DISPATCH(LstmGates);
  static const Cell cell = {.name = "lstm",
                            .description = "long short-term memory",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .forget_gate = 1,
                            .input_gate = 0,
                            .step = composed_step<Gates>,
                            .f32 = RECUR_CHOOSE_KERNELS(Gates, lstm_kernels).full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, lstm_kernels).half,
                            .stream = RECUR_CHOOSE_STREAM_KERNELS(Gates, lstm_stream_kernels)};
  return cell;
}

}  // namespace recur
#endif
