// Elman's network (1990): h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh) with f = tanh or ReLU.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/nn/cells/rnn.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/recurrent-inl.h"
#include "recur/kernels/stream-inl.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct RnnGates : GateDefaults {
  static constexpr int kGates = 1, kStates = 1, kSaved = 0, kUnitWeights = 0;
  static constexpr bool kSplit = false;

  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V*) {
    s[0] = tanh(x[0] + r[0]);
  }
  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V*, V*) {
    dx[0] = ds[0] * (1.0f - at.after[0] * at.after[0]);
    ds[0] = V(0.0f);
  }
};

struct RnnReluGates : GateDefaults {
  static constexpr int kGates = 1, kStates = 1, kSaved = 0, kUnitWeights = 0;
  static constexpr bool kSplit = false;

  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V*) {
    s[0] = relu(x[0] + r[0]);
  }
  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V*, V*) {
    dx[0] = ds[0] * step(at.after[0]);
    ds[0] = V(0.0f);
  }
};

FloatKernels rnn_kernels() { return float_kernels<RnnGates, Lanes>(); }
FloatKernels rnn_relu_kernels() { return float_kernels<RnnReluGates, Lanes>(); }
StreamKernels rnn_stream_kernels() { return stream_kernels<RnnGates>(); }
StreamKernels rnn_relu_stream_kernels() { return stream_kernels<RnnReluGates>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(rnn_kernels);
HWY_EXPORT(rnn_stream_kernels);
HWY_EXPORT(rnn_relu_kernels);
HWY_EXPORT(rnn_relu_stream_kernels);

const Cell& rnn_cell() {
  using Gates = HWY_STATIC_DISPATCH(RnnGates);
  static const Cell cell = {.name = "rnn",
                            .description = "Elman's network with tanh",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .step = composed_step<Gates>,
                            .f32 = RECUR_CHOOSE_KERNELS(Gates, rnn_kernels).full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, rnn_kernels).half,
                            .stream = RECUR_CHOOSE_STREAM_KERNELS(Gates, rnn_stream_kernels)};
  return cell;
}

const Cell& rnn_relu_cell() {
  using Gates = HWY_STATIC_DISPATCH(RnnReluGates);
  static const Cell cell = {.name = "rnn_relu",
                            .description = "Elman's network with ReLU; start it from the identity",
                            .gates = Gates::kGates,
                            .states = Gates::kStates,
                            .step = composed_step<Gates>,
                            .f32 = RECUR_CHOOSE_KERNELS(Gates, rnn_relu_kernels).full,
                            .f64 = RECUR_DOUBLE_KERNELS(Gates),
                            .bf16 = RECUR_CHOOSE_KERNELS(Gates, rnn_relu_kernels).half,
                            .stream = RECUR_CHOOSE_STREAM_KERNELS(Gates, rnn_relu_stream_kernels)};
  return cell;
}

}  // namespace recur
#endif
