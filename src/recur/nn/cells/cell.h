// What a recurrent cell is.
//
// A cell is one file in this folder: a struct with its gate arithmetic, forward and backward, as templates over a
// vector type V (one SIMD register, one number, or, for `forward`, a Tensor), and a function that returns its Cell.
//
//   struct MyGates {
//     static constexpr int kGates = 3;        // G
//     static constexpr int kStates = 1;       // h, then inner states
//     static constexpr int kSaved = 4;        // values a unit keeps for backward
//     static constexpr int kUnitWeights = 0;  // weights of each unit with itself (peepholes)
//     static constexpr bool kSplit = true;    // backward gives dr apart from dx; false: dr is dx
//     // x, r [G]: projected input and recurrent product, biases included; w: unit weights; s: states, in and out.
//     template <class V>
//     static HWY_INLINE void forward(const V* x, const V* r, const V* w, V* s, V* saved);
//     // at: what forward saw and made. ds: in, the gradient of the states after the step; out, of those before it,
//     // without what goes through the recurrent product. Out: the gradients dx, dr [G] and dw of x, r and w.
//     template <class V>
//     static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V* dr, V* dw);
//   };
//
// GateDefaults has what most cells leave as it is. A cell with h = o tanh(c) says so by kOutputGate, which of the saved
// values o is, so that layer norm can come between c and h; it splits `backward` there:
//
//     // ds[1]: in, the gradient of c, with what has come through h; d_o: that of o.
//     static void backward_from_output_gate(const Step<V>& at, V d_o, V* ds, V* dx, V* dw);
//
// A cell with kLateGates > 0 has a second product in its step: that of the last gates, which takes in, instead of h,
// what `late` makes of it. `forward` finds what `late` has saved; `backward` leaves out what comes through `late`, and
// `late_backward` adds it to ds and sets dx of the gates that `late` reads, which the driver adds.
//
//     static V late(const V* x, const V* r, const V& h, V* saved);
//     static void late_backward(const Step<V>& at, V d_late, V* ds, V* dx);
//
// The driver (nn/recurrent.h) does everything else. The loops over time, for every instruction set, come from
// kernels/recurrent-inl.h and kernels/staged.h; the composed twin runs `forward` on Tensors step by step.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/kernels/recurrent.h"
#include "recur/kernels/stream.h"
#include "recur/ops/unary.h"
#include "recur/tensor/tensor.h"

namespace recur {

// What a composed step is given, for the B rows that are running.
struct ComposedStep {
  Tensor x;  // [B, G H] projected input with its bias
  // The recurrent product of h [B, H] for gates first .. first + count - 1 -> [B, count H], bias included.
  std::function<Tensor(const Tensor& h, int first, int count)> product;
  Tensors unit_weights;                                  // each [H]
  std::function<Tensor(const Tensor&)> normalize_inner;  // layer norm of the inner state where it feeds h; may be empty
};

struct Cell {
  std::string name;
  std::string description;
  int gates = 0;
  int states = 1;
  int unit_weights = 0;  // rows of the parameter `peephole`
  int forget_gate = -1;  // the gate whose bias keeps memory (LSTM: 1), or -1
  int input_gate = -1;   // the gate that lets input in, where there is one apart
  // One step on Tensors; states [B, H] are replaced by those after it.
  void (*step)(const ComposedStep& in, Tensors& states) = nullptr;
  // The fused loops and the passes of the staged one.
  kernels::RecurrentKernels<float> f32 = {};
  kernels::RecurrentKernels<double> f64 = {};
  kernels::RecurrentKernels<float, recur::bf16> bf16 = {};  // states in f32
  // One step at a time; for every cell.
  kernels::StreamKernels stream = {};

  int late_gates() const { return f32.passes.late_gates; }

  template <class T, class E = T>
  const kernels::RecurrentKernels<T, E>& fused() const {
    if constexpr (std::is_same_v<E, recur::bf16>)
      return bf16;
    else if constexpr (std::is_same_v<T, float>)
      return f32;
    else
      return f64;
  }
};

// All cells, in the order of the list in cells.cc.
std::span<const Cell* const> cells();
// The cell of that name; UsageError with the nearest name otherwise.
const Cell& find_cell(std::string_view name);

// Gate g of an array [B, G H].
Tensor gate(const Tensor& gates, int g, int64_t hidden);

// The composed step of any cell.
template <class Gates>
void composed_step(const ComposedStep& in, Tensors& states) {
  constexpr int kEarly = Gates::kGates - Gates::kLateGates;
  const int64_t hidden = in.x.size(1) / Gates::kGates;
  Tensor x[Gates::kGates], r[Gates::kGates], saved[Gates::kSaved + 1];
  for (int g = 0; g < Gates::kGates; ++g) x[g] = gate(in.x, g, hidden);
  const Tensor product = in.product(states[0], 0, kEarly);
  for (int g = 0; g < kEarly; ++g) r[g] = gate(product, g, hidden);
  if constexpr (Gates::kLateGates > 0) {
    const Tensor late = in.product(Gates::template late<Tensor>(x, r, states[0], saved), kEarly, Gates::kLateGates);
    for (int g = 0; g < Gates::kLateGates; ++g) r[kEarly + g] = gate(late, g, hidden);
  }
  Gates::template forward<Tensor>(x, r, in.unit_weights.data(), states.data(), saved);
  if constexpr (Gates::kOutputGate >= 0)
    if (in.normalize_inner) states[0] = saved[Gates::kOutputGate] * tanh(in.normalize_inner(states[1]));
}

}  // namespace recur
