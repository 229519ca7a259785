// The fused time loop of one recurrent layer in one direction: its arguments, and the table of functions that every
// cell has for an element type.
//
// Sequences are packed: sorted by length, longest first, without padding. Step t holds rows[t] rows, one a sequence
// still running, from row offset[t] of the packed arrays on; row r is the same sequence at every step.
#pragma once

#include <cstdint>

#include "recur/base/bf16.h"
#include "recur/kernels/cell_passes.h"

namespace recur::kernels {

struct PackedSteps {
  int64_t steps = 0;
  int64_t batch = 0;                // rows of the states, at least rows[t] for every t
  const int64_t* rows = nullptr;    // [steps], not increasing
  const int64_t* offset = nullptr;  // [steps], offset[t + 1] = offset[t] + rows[t]
  bool reverse = false;             // from the last step to the first
};

// T: the precision of states and sums. E: that of the operands of the recurrent product and of what is kept for
// backward, T or bf16. States after the first, h, are "inner" states (c of an LSTM); N is the number of packed rows.
template <class T, class E = T>
struct RecurrentForward {
  static constexpr int kMaxStates = kMaxCellStates;

  PackedSteps packed;
  int64_t hidden = 0;
  int64_t input = 0;                  // F where x is the input itself; 0 where it is projected already
  const T* x = nullptr;               // [N, F] or [N, G H]
  const E* weights = nullptr;         // as packed by pack_forward
  const T* bias_x = nullptr;          // [G H] of the projected input, or null
  const T* bias_r = nullptr;          // [G H] of the recurrent product, or null
  const T* unit_weights = nullptr;    // [P, H] weights of a unit with itself (peepholes), or null
  const T* initial_h = nullptr;       // [B, H]
  T* inner[kMaxStates] = {};          // inner states k >= 1, [B, H]: before and, in place, after
  T* y = nullptr;                     // [N, H] h after each step; of one step alone, it may be initial_h
  T* inner_history[kMaxStates] = {};  // [N, H] inner states after each step, for backward; null: not kept
  E* saved = nullptr;                 // [N, S H] what backward needs; it may be x where S = G; null: not kept
};

template <class T, class E = T>
struct RecurrentBackward {
  static constexpr int kMaxStates = RecurrentForward<T, E>::kMaxStates;

  PackedSteps packed;
  int64_t hidden = 0;
  const E* weights = nullptr;  // the recurrent weights as packed by pack_backward; null where no product needs them
  const T* unit_weights = nullptr;
  const T* initial[kMaxStates] = {};  // [B, H] states before the first step
  const T* history[kMaxStates] = {};  // [N, H] states after each step; [0] is y
  const E* saved = nullptr;
  const T* dy = nullptr;        // [N, H] gradient of y
  T* dstate[kMaxStates] = {};   // [B, H] in: gradient of the final states; out: of the initial ones
  bool wants_initial_h = true;  // otherwise dstate[0] is not that of h, which spares the last product
  T* dx = nullptr;              // [N, G H] out: gradient of the projected input
  T* dr = nullptr;              // [N, G H] out: gradient of the recurrent product; dx itself where they are the same
  T* dunit_weights = nullptr;   // [P, H] added to
};

// The weights of a layer: recurrent [G H, H] and, where the loop is to project the input too, input [G H, F].
template <class T>
struct RecurrentWeights {
  int64_t hidden = 0;
  int64_t input = 0;
  const T* recurrent = nullptr;
  const T* of_input = nullptr;
};

// What the driver has to know of a cell's kernels, and the kernels, which are null for a cell with late gates. Rows
// row_begin .. row_end - 1 of the batch are computed; any split of the batch gives the same bits.
template <class T, class E = T>
struct RecurrentKernels {
  int gates = 0;         // G
  int states = 0;        // h and the inner states
  int saved = 0;         // S values a unit kept for backward
  int unit_weights = 0;  // P
  bool split = false;    // whether the gradients of projected input and recurrent product differ

  int64_t (*packed_size_forward)(int64_t hidden, int64_t input) = nullptr;  // elements
  int64_t (*packed_size_backward)(int64_t hidden) = nullptr;
  void (*pack_forward)(const RecurrentWeights<T>& weights, E* packed) = nullptr;
  void (*pack_backward)(const RecurrentWeights<T>& weights, E* packed) = nullptr;
  void (*forward)(const RecurrentForward<T, E>& args, int64_t row_begin, int64_t row_end) = nullptr;
  void (*backward)(const RecurrentBackward<T, E>& args, int64_t row_begin, int64_t row_end) = nullptr;

  CellPasses<T> passes = {};  // for the staged loop
};

// A cell's kernels for states in f32, with operands in f32 and in bf16.
struct FloatKernels {
  RecurrentKernels<float> full;
  RecurrentKernels<float, bf16> half;
};

}  // namespace recur::kernels
