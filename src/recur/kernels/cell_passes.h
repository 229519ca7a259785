// A cell's arithmetic over rows whose recurrent product is there already: what each cell gives the staged loop
// (staged.h).
#pragma once

#include <cstdint>

namespace recur::kernels {

// At most so many states, h among them.
inline constexpr int kMaxCellStates = 4;

// What is added to the variance where a layer normalises its products and inner states.
inline constexpr double kLayerNormEpsilon = 1e-5;

// Rows of one time step; every array starts at the first of them.
template <class T>
struct CellRows {
  int64_t rows = 0;
  int64_t hidden = 0;
  const T* x = nullptr;                  // [rows, G H] projected input
  const T* bias_x = nullptr;             // [G H] to add to it, or null
  const T* r = nullptr;                  // [rows, G H] recurrent product, its bias included
  const T* unit_weights = nullptr;       // [number, H]
  const T* before[kMaxCellStates] = {};  // [rows, H] states before the step; h null where it is projected: taken as 0
  T* after[kMaxCellStates] = {};         // [rows, H] out: states after it
  T* saved = nullptr;                    // [rows, S H] out: what backward needs
  T* late = nullptr;                     // [rows, H] out: what the late gates' product takes in
};

template <class T>
struct CellRowsBackward {
  int64_t rows = 0;
  int64_t hidden = 0;
  const T* unit_weights = nullptr;
  const T* before[kMaxCellStates] = {};
  const T* after[kMaxCellStates] = {};
  const T* saved = nullptr;
  const T* dlate = nullptr;        // [rows, H] gradient of `late`
  T* dstate[kMaxCellStates] = {};  // [rows, H] in: gradient of the states after the step; out: of those before it
  T* dx = nullptr;                 // [rows, G H] out: gradient of the projected input
  T* dr = nullptr;                 // [rows, G H] out: of the recurrent product; not written where it is dx
  T* dunit_weights = nullptr;      // [number, H] added to
};

template <class T>
struct CellPasses {
  int late_gates = 0;    // the last gates, whose product takes in `late` instead of h
  int output_gate = -1;  // where h = o tanh(c): which of the saved values o is; otherwise -1

  // The late gates' operand, from x, the other gates' r and the states before; null without late gates.
  void (*late)(const CellRows<T>& rows) = nullptr;
  // The states after.
  void (*forward)(const CellRows<T>& rows) = nullptr;
  // From the gradient of the states after to that of all that `forward` has read, but for `late`.
  void (*backward)(const CellRowsBackward<T>& rows) = nullptr;
  // The same for cells with an output gate where h = o tanh(c) is dealt with: dstate[0] holds the gradient of o.
  void (*backward_from_output_gate)(const CellRowsBackward<T>& rows) = nullptr;
  // Adds what comes through `late`.
  void (*late_backward)(const CellRowsBackward<T>& rows) = nullptr;
};

}  // namespace recur::kernels
