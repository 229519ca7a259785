// A cell's passes over rows (cell_passes.h), once for every cell, instruction set and element type.
//
// Cell: see nn/cells/cell.h. V: a vector with load, store and arithmetic (Lanes, or Scalar<T> for the reference).
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_CELL_PASSES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_CELL_PASSES_INL_H_
#undef RECUR_KERNELS_CELL_PASSES_INL_H_
#else
#define RECUR_KERNELS_CELL_PASSES_INL_H_
#endif

#include <utility>

#include "recur/kernels/cell_passes.h"
#include "recur/kernels/operands-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::CellPasses;
using kernels::CellRows;
using kernels::CellRowsBackward;

// What a cell's backward sees of its step, for one vector of units.
template <class V>
struct Step {
  const V* saved;
  const V* before;  // states
  const V* after;
  const V* w;  // unit weights
};

// What a cell is unless it says otherwise; see nn/cells/cell.h.
struct GateDefaults {
  static constexpr int kLateGates = 0;
  static constexpr int kOutputGate = -1;
};

// Backward of h = o tanh(c): adds to ds[1], the gradient of c, takes ds[0], that of h, away, and returns that of o.
template <class V>
HWY_INLINE V backward_to_output_gate(V o, V c, V* ds) {
  const V squashed = tanh(c), dh = ds[0];
  ds[1] = ds[1] + dh * o * (1.0f - squashed * squashed);
  ds[0] = V(0.0f);
  return dh * squashed;
}

// The values that units have kCount of each, [kCount, H] in memory: those of n units from `unit` on, a vector each. P
// (operands-inl.h) says how they are stored.
template <class P, int kCount, class E>
HWY_INLINE void load_values(const E* from, int64_t hidden, int64_t unit, int64_t n, typename P::Vector* to) {
#pragma GCC unroll 8
  for (int k = 0; k < kCount; ++k) to[k] = P::load(from + k * hidden + unit, n);
}
template <class P, int kCount, class E>
HWY_INLINE void store_values(const typename P::Vector* from, int64_t hidden, int64_t unit, int64_t n, E* to) {
#pragma GCC unroll 8
  for (int k = 0; k < kCount; ++k) P::store(from[k], to + k * hidden + unit, n);
}

template <class Cell, class V>
struct CellPass {
  static_assert(Cell::kLateGates == 0 || !Cell::kSplit, "late gates are passed the gradient of x and r as one");
  using T = typename V::Value;
  using P = Plain<V>;
  static constexpr int G = Cell::kGates, kStates = Cell::kStates, kUnits = Cell::kUnitWeights, S = Cell::kSaved;

  static HWY_INLINE void load_states(const T* const* from, int64_t at, int64_t n, V* to) {
#pragma GCC unroll 4
    for (int k = 0; k < kStates; ++k) to[k] = k == 0 && from[0] == nullptr ? V(0.0f) : V::load(from[k] + at, n);
  }
  static HWY_INLINE void store_states(const V* from, int64_t at, int64_t n, T* const* to) {
#pragma GCC unroll 4
    for (int k = 0; k < kStates; ++k) from[k].store(to[k] + at, n);
  }

  // The gates of one vector of units of one row; of r those before `count`.
  static HWY_INLINE void load_gates(const CellRows<T>& a, int count, int64_t row, int64_t unit, V* x, V* r) {
    const int64_t H = a.hidden, n = H - unit;
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      const int64_t at = (row * G + g) * H + unit;
      x[g] = V::load(a.x + at, n);
      if (a.bias_x != nullptr) x[g] = x[g] + V::load(a.bias_x + g * H + unit, n);
      if (g < count) r[g] = V::load(a.r + at, n);
    }
  }

  static void late(const CellRows<T>& a) {
    for (int64_t row = 0; row < a.rows; ++row)
      for (int64_t unit = 0; unit < a.hidden; unit += V::kCount) {
        const int64_t n = a.hidden - unit, at = row * a.hidden + unit;
        V x[G], r[G], saved[S + 1];
        load_gates(a, G - Cell::kLateGates, row, unit, x, r);
        Cell::template late<V>(x, r, V::load(a.before[0] + at, n), saved).store(a.late + at, n);
        store_values<P, S>(saved, a.hidden, unit, n, a.saved + row * S * a.hidden);
      }
  }

  static void forward(const CellRows<T>& a) {
    for (int64_t row = 0; row < a.rows; ++row)
      for (int64_t unit = 0; unit < a.hidden; unit += V::kCount) {
        const int64_t n = a.hidden - unit, at = row * a.hidden + unit;
        V x[G], r[G], states[kStates], saved[S + 1], w[kUnits + 1];
        T* const saved_of_row = a.saved + row * S * a.hidden;
        load_gates(a, G, row, unit, x, r);
        load_states(a.before, at, n, states);
        load_values<P, kUnits>(a.unit_weights, a.hidden, unit, n, w);
        if constexpr (Cell::kLateGates > 0) load_values<P, S>(saved_of_row, a.hidden, unit, n, saved);
        Cell::template forward<V>(x, r, w, states, saved);
        store_states(states, at, n, a.after);
        store_values<P, S>(saved, a.hidden, unit, n, saved_of_row);
      }
  }

  // One row and vector of units of backward; adds the unit weights' gradients to dw_sums.
  template <bool kFromOutputGate>
  static HWY_INLINE void backward_one(const CellRowsBackward<T>& a, int64_t row, int64_t unit, V* dw_sums) {
    const int64_t H = a.hidden, n = H - unit, at = row * H + unit;
    V before[kStates], after[kStates], ds[kStates], saved[S + 1], w[kUnits + 1];
    V dx[G], dr[G], dw[kUnits + 1];
    load_states(a.before, at, n, before);
    load_states(a.after, at, n, after);
    load_states(a.dstate, at, n, ds);
    load_values<P, S>(a.saved + row * S * H, H, unit, n, saved);
    load_values<P, kUnits>(a.unit_weights, H, unit, n, w);
    const Step<V> step{saved, before, after, w};
    if constexpr (kFromOutputGate)
      Cell::template backward_from_output_gate<V>(step, std::exchange(ds[0], V(0.0f)), ds, dx, dw);
    else
      Cell::template backward<V>(step, ds, dx, dr, dw);
    store_states(ds, at, n, a.dstate);
    store_values<P, G>(dx, H, unit, n, a.dx + row * G * H);
    if (Cell::kSplit) store_values<P, G>(dr, H, unit, n, a.dr + row * G * H);
#pragma GCC unroll 4
    for (int p = 0; p < kUnits; ++p) dw_sums[p] = dw_sums[p] + dw[p];
  }

  template <bool kFromOutputGate>
  static void backward(const CellRowsBackward<T>& a) {
    if constexpr (kUnits == 0) {  // row by row, as the arrays lie
      for (int64_t row = 0; row < a.rows; ++row)
        for (int64_t unit = 0; unit < a.hidden; unit += V::kCount) backward_one<kFromOutputGate>(a, row, unit, nullptr);
      return;
    }
    for (int64_t unit = 0; unit < a.hidden; unit += V::kCount) {
      V dw[kUnits + 1] = {};
      for (int64_t row = 0; row < a.rows; ++row) backward_one<kFromOutputGate>(a, row, unit, dw);
      for (int p = 0; p < kUnits; ++p) {
        T* sum = a.dunit_weights + p * a.hidden + unit;
        (V::load(sum, a.hidden - unit) + dw[p]).store(sum, a.hidden - unit);
      }
    }
  }

  static void late_backward(const CellRowsBackward<T>& a) {
    const int64_t H = a.hidden;
    for (int64_t row = 0; row < a.rows; ++row)
      for (int64_t unit = 0; unit < H; unit += V::kCount) {
        const int64_t n = H - unit, at = row * H + unit;
        V before[kStates], saved[S + 1], dx[G], ds[kStates];
        load_states(a.before, at, n, before);
        load_states(a.dstate, at, n, ds);
        load_values<P, S>(a.saved + row * S * H, H, unit, n, saved);
        for (int g = 0; g < G; ++g) dx[g] = V(0);  // of gates that have no part in it
        Cell::template late_backward<V>({saved, before, nullptr, nullptr}, V::load(a.dlate + at, n), ds, dx);
        store_states(ds, at, n, a.dstate);
        for (int g = 0; g < G - Cell::kLateGates; ++g) {
          T* to = a.dx + (row * G + g) * H + unit;
          (V::load(to, n) + dx[g]).store(to, n);
        }
      }
  }
};

template <class Cell, class V>
CellPasses<typename V::Value> cell_passes() {
  using Pass = CellPass<Cell, V>;
  CellPasses<typename V::Value> passes{.late_gates = Cell::kLateGates,
                                       .output_gate = Cell::kOutputGate,
                                       .forward = Pass::forward,
                                       .backward = Pass::template backward<false>};
  if constexpr (Cell::kOutputGate >= 0) passes.backward_from_output_gate = Pass::template backward<true>;
  if constexpr (Cell::kLateGates > 0) {
    passes.late = Pass::late;
    passes.late_backward = Pass::late_backward;
  }
  return passes;
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
