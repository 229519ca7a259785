// The fused time loop of one recurrent layer in one direction: its arguments, and the table of functions that every
// cell has for an element type.
//
// Sequences are packed: sorted by length, longest first, without padding. Step t holds rows[t] rows, one a sequence
// still running, from row offset[t] of the packed arrays on; row r is the same sequence at every step.
#pragma once

#include <cstdint>

namespace recur::kernels {

struct PackedSteps {
  int64_t steps = 0;
  int64_t batch = 0;                // rows of the states, at least rows[t] for every t
  const int64_t* rows = nullptr;    // [steps], not increasing
  const int64_t* offset = nullptr;  // [steps], offset[t + 1] = offset[t] + rows[t]
  bool reverse = false;             // from the last step to the first
};

// States after the first, h, are "inner" states (c of an LSTM); N is the number of packed rows.
template <class T>
struct RecurrentForward {
  static constexpr int kMaxStates = 4;

  PackedSteps packed;
  int64_t hidden = 0;
  const T* x = nullptr;               // [N, G H] projected input
  const T* weights = nullptr;         // the recurrent weights as packed by pack_forward
  const T* bias_x = nullptr;          // [G H] of the projected input, or null
  const T* bias_r = nullptr;          // [G H] of the recurrent product, or null
  const T* unit_weights = nullptr;    // [P, H] weights of a unit with itself (peepholes), or null
  const T* initial_h = nullptr;       // [B, H]
  T* inner[kMaxStates] = {};          // inner states k >= 1, [B, H]: before and, in place, after
  T* y = nullptr;                     // [N, H] h after each step
  T* inner_history[kMaxStates] = {};  // [N, H] inner states after each step, for backward; null: not kept
  T* saved = nullptr;                 // [N, S H] what backward needs; x itself where S = G; null: not kept
  T* scratch = nullptr;               // [2, B, H]
};

template <class T>
struct RecurrentBackward {
  static constexpr int kMaxStates = RecurrentForward<T>::kMaxStates;

  PackedSteps packed;
  int64_t hidden = 0;
  const T* weights = nullptr;  // the recurrent weights as packed by pack_backward
  const T* unit_weights = nullptr;
  const T* initial[kMaxStates] = {};  // [B, H] states before the first step
  const T* history[kMaxStates] = {};  // [N, H] states after each step; [0] is y
  const T* saved = nullptr;
  const T* dy = nullptr;       // [N, H] gradient of y
  T* dstate[kMaxStates] = {};  // [B, H] in: gradient of the final states; out: of the initial ones
  T* dx = nullptr;             // [N, G H] out: gradient of the projected input
  T* dr = nullptr;             // [N, G H] out: gradient of the recurrent product; dx itself where they are the same
  T* dunit_weights = nullptr;  // [P, H] added to
};

// What the driver has to know of a cell's kernels, and the kernels. Rows row_begin .. row_end - 1 of the batch are
// computed; any split of the batch gives the same bits.
template <class T>
struct RecurrentKernels {
  int gates = 0;         // G
  int states = 0;        // h and the inner states
  int saved = 0;         // S values a unit kept for backward
  int unit_weights = 0;  // P
  bool split = false;    // whether the gradients of projected input and recurrent product differ

  int64_t (*packed_size_forward)(int64_t hidden);  // elements
  int64_t (*packed_size_backward)(int64_t hidden);
  void (*pack_forward)(int64_t hidden, const T* weight, T* packed);  // weight [G H, H]
  void (*pack_backward)(int64_t hidden, const T* weight, T* packed);
  void (*forward)(const RecurrentForward<T>& args, int64_t row_begin, int64_t row_end);
  void (*backward)(const RecurrentBackward<T>& args, int64_t row_begin, int64_t row_end);
};

}  // namespace recur::kernels
