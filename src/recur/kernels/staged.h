// The staged time loop of one recurrent layer in one direction: every cell, with all that the fused loop (recurrent.h)
// leaves out. At each step the recurrent product goes to memory, and passes over its rows do the rest:
//
//   h times its decay; r = product of h, masked, with the recurrent weights, plus its bias; layer norm of r;
//   for late gates (CellPasses): their product, of what the cell makes of h, in the same way;
//   the cell; where the inner state c is normalised on its way to h, h = o tanh(norm(c));
//   projection of h; zoneout of h and of the inner states.
//
// Backward keeps in the loop what one step needs of the next; what it leaves behind are the gradients that the weights'
// own are large products of. Shapes: N packed rows, H hidden units, W values of h (H without projection), G gates.
#pragma once

#include <cstdint>

#include "recur/kernels/recurrent.h"

namespace recur::kernels {

// The share of the old state that is kept: one number or, where there is a mask [T, B, W or H], the mask.
template <class T>
struct Zoneout {
  bool on = false;
  T share = 0;
  const T* mask = nullptr;
};

// Layer norm of rows: its parameters, and for backward each row's mean and 1 / sqrt(variance + eps).
template <class T>
struct RowNorm {
  const T* scale_and_shift = nullptr;  // [2, size]; null: no norm
  T* means = nullptr;                  // [N], or [2, N] where late gates are normalised on their own
  T* scales = nullptr;
};

// A layer and what its forward pass leaves.
template <class T>
struct StagedLayer {
  PackedSteps packed;
  int64_t packed_rows = 0;  // N
  const CellPasses<T>* passes = nullptr;
  int gates = 0, states = 0;
  int saved_values = 0;  // S
  int unit_weight_rows = 0;
  int64_t hidden = 0;
  int64_t width = 0;  // W

  const T* x = nullptr;       // [N, G H] projected input
  const T* bias_x = nullptr;  // [G H] to add to it, or null
  const T* bias_r = nullptr;  // [G H] of the recurrent product, or null
  const T* unit_weights = nullptr;
  const T* recurrent_mask = nullptr;  // [B, W] that multiplies h (and `late`) as it enters the product, or null
  const T* decay = nullptr;           // [N, W] that multiplies h before each step, for all that the step does, or null
  // Whether what enters the product (h, `late`) is rounded as int8 inference rounds it; backward passes straight
  // through.
  bool rounds = false;
  bool projected = false;
  RowNorm<T> norm_product, norm_inner;
  Zoneout<T> zoneout, zoneout_inner;

  const T* initial[kMaxCellStates] = {};  // [B, W], [B, H] states before the first step
  T* history[kMaxCellStates] = {};        // [N, W], [N, H] states after each step; [0] is y
  T* raw[kMaxCellStates] = {};  // [N, H] the same before projection and zoneout; `history` where there is none
  T* saved = nullptr;           // [N, S H]; x itself where S = G and x is not needed any more
  T* product = nullptr;         // [N, G H] before its norm; null: not normalised, or not kept
  T* inner = nullptr;           // [N, H] the inner state as h sees it, where it is normalised
  T* decayed = nullptr;         // [N, W] h before the step, where it decays
  T* entered = nullptr;         // [N, W] h as it entered the product, where it is masked or rounded
  T* late = nullptr;            // [N, H] what entered the late gates' product
};

// Packed weights for either pass; late gates and the projection where the layer has them. E: the precision of the
// products' operands, T or bf16.
template <class E>
struct StagedWeights {
  const E* recurrent = nullptr;  // of all gates but the late ones
  const E* late = nullptr;
  const E* projection = nullptr;
};

// Gradients that add up over rows are kept for every so many rows of the batch, so that threads do not share them.
inline constexpr int64_t kRowsPerShare = 8;

template <class T>
struct StagedGradients {
  const T* dy = nullptr;            // [N, W]
  T* dstate[kMaxCellStates] = {};   // [B, W], [B, H] in: of the final states; out: of the initial ones
  T* dx = nullptr;                  // [N, G H] out: of the projected input
  T* dr = nullptr;                  // [N, G H] out: of the product as the cell sees it; dx where they are the same
  T* dproduct = nullptr;            // [N, G H] out: of the product before its norm; dr where there is none
  T* dprojected = nullptr;          // [N, W] out: of the projection's result
  T* ddecay = nullptr;              // [N, W] out: of the decay
  T* dunit_weights = nullptr;       // [shares, number, H] added to
  T* dnorm_product = nullptr;       // [shares, 2, G H] added to: of scale and shift
  T* dnorm_inner = nullptr;         // [shares, 2, H]
  double* squared_norms = nullptr;  // [N] out: of the gradient of h after each step, or null
};

// What to pack a weight for.
enum class StagedOperand {
  kForward,   // weight [columns, rows]: h times its transpose
  kBackward,  // weight [rows, columns] as it lies
};

// Rows row_begin .. row_end - 1 of the batch are computed; any split of the batch gives the same bits, in backward any
// that cuts at multiples of kRowsPerShare.
template <class T, class E = T>
struct StagedKernels {
  int64_t (*packed_size)(int64_t rows, int64_t columns);  // elements
  void (*pack)(StagedOperand operand, const T* weight, int64_t rows, int64_t columns, E* packed);
  void (*forward)(const StagedLayer<T>& layer, const StagedWeights<E>& weights, int64_t row_begin, int64_t row_end);
  void (*backward)(const StagedLayer<T>& layer, const StagedWeights<E>& weights, const StagedGradients<T>& gradients,
                   int64_t row_begin, int64_t row_end);
};

// For T, E: float, float; float, bf16; double, double.
template <class T, class E = T>
const StagedKernels<T, E>& staged_kernels();

}  // namespace recur::kernels
