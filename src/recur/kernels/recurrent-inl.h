// The fused time loop, once for every cell, instruction set and element type.
//
// A tile is a few rows of the batch times a few vectors of hidden units. Its recurrent product is summed up in
// registers, the cell's gates are applied to it there, and the new states are written: no [B, G H] array in between.
// Weights are packed so that a tile reads them in one run; a tile's weights are used by all rows before the next tile.
//
// Cell: see nn/cells/cell.h. V: a vector with load, store, arithmetic and fma (Lanes, or Scalar<T> for the reference).
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_RECURRENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_RECURRENT_INL_H_
#undef RECUR_KERNELS_RECURRENT_INL_H_
#else
#define RECUR_KERNELS_RECURRENT_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/recurrent.h"
#include "recur/kernels/ref/scalar_math.h"
#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::PackedSteps;
using kernels::RecurrentBackward;
using kernels::RecurrentForward;
using kernels::RecurrentKernels;

template <class V>
int64_t vectors_over(int64_t hidden) {
  return (hidden + V::kCount - 1) / V::kCount;
}

// What a cell's backward sees of its step, for one vector of units.
template <class V>
struct Step {
  const V* saved;
  const V* before;  // states
  const V* after;
  const V* w;  // unit weights
};

// --- forward ------------------------------------------------------------------------------------------------------

// Where the tile's rows are, and which units.
struct ForwardPlace {
  int64_t row;     // of the batch
  int64_t packed;  // row of the packed arrays
  int64_t vector;  // first vector of units
  Ahead ahead;
};

template <class Cell, class V>
struct ForwardStep {
  using T = typename V::Value;
  static constexpr int G = Cell::kGates;

  const RecurrentForward<T>& args;
  const T* h;    // [B, H] before the step
  T* next;       // [B, H] after
  bool one_row;  // of the whole batch

  // The gates of one row and vector of units, from the recurrent product r.
  HWY_INLINE void finish(const V (&product)[G], int64_t row, int64_t packed, int64_t unit) const {
    const int64_t H = args.hidden, n = H - unit;
    const T* x_row = args.x + packed * G * H + unit;
    V x[G], r[G], w[Cell::kUnitWeights + 1], s[Cell::kStates], saved[Cell::kSaved + 1];
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      x[g] = V::load(x_row + g * H, n);
      if (args.bias_x != nullptr) x[g] = x[g] + V::load(args.bias_x + g * H + unit, n);
      r[g] = product[g];
      if (args.bias_r != nullptr) r[g] = r[g] + V::load(args.bias_r + g * H + unit, n);
    }
#pragma GCC unroll 4
    for (int p = 0; p < Cell::kUnitWeights; ++p) w[p] = V::load(args.unit_weights + p * H + unit, n);
    s[0] = V::load(h + row * H + unit, n);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) s[k] = V::load(args.inner[k] + row * H + unit, n);
    Cell::template forward<V>(x, r, w, s, saved);
    s[0].store(next + row * H + unit, n);
    s[0].store(args.y + packed * H + unit, n);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) {
      s[k].store(args.inner[k] + row * H + unit, n);
      if (args.inner_history[k] != nullptr) s[k].store(args.inner_history[k] + packed * H + unit, n);
    }
    if (args.saved == nullptr) return;
#pragma GCC unroll 8
    for (int k = 0; k < Cell::kSaved; ++k) saved[k].store(args.saved + (packed * Cell::kSaved + k) * H + unit, n);
  }

  // What the tile will read and write once its product is there: each row's part is a line or two of its own, so the
  // hardware does not foresee them.
  template <int kWidth, int kRows>
  HWY_INLINE void request(const ForwardPlace& at) const {
    const int64_t H = args.hidden, unit = at.vector * V::kCount;
    if (args.packed.batch < kRows) return;
    for (int r = 0; r < kRows; ++r) {
      const int64_t packed = at.packed + r;
#pragma GCC unroll 4
      for (int g = 0; g < G; ++g) prefetch_to_l1(args.x + (packed * G + g) * H + unit);
    }
  }

  template <int kWidth, int kRows>
  void tile(const ForwardPlace& at) const {
    const int64_t H = args.hidden;
    V sums[kRows][G * kWidth];
    const T* left[kRows];
    for (int r = 0; r < kRows; ++r) left[r] = h + (at.row + r) * H;
    const T* weights = args.weights + at.vector * V::kCount * H * G;
    request<kWidth, kRows>(at);
    bool done = false;
    if constexpr (kRows == 1) {
      done = one_row;
      if (one_row) multiply_row<V, G * kWidth>(left[0], weights, H, sums);
    }
    if (!done) multiply_tile<V, kRows, G * kWidth>(left, weights, H, sums, at.ahead);
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int j = 0; j < kWidth; ++j) {
        const int64_t unit = (at.vector + j) * V::kCount;
        if (unit >= H) break;
        V product[G];
#pragma GCC unroll 4
        for (int g = 0; g < G; ++g) product[g] = sums[r][g * kWidth + j];
        finish(product, at.row + r, at.packed + r, unit);
      }
    }
  }

  // Rows [begin, end) of the step whose row 0 is packed row `offset`, all units.
  template <int kWidth>
  void run(int64_t begin, int64_t end, int64_t offset) const {
    constexpr int64_t kRows = rows_in_tile<V>(G * kWidth);
    const int64_t tiles = (end - begin + kRows - 1) / kRows,
                  panels = (vectors_over<V>(args.hidden) + kWidth - 1) / kWidth;
    const int64_t panel_size = kWidth * V::kCount * args.hidden * G;
    for (int64_t panel = 0; panel < panels; ++panel) {
      const T* next = args.weights + (panel + 1 < panels ? panel + 1 : 0) * panel_size;
      const Ahead ahead{reinterpret_cast<const char*>(next), panel_size * static_cast<int64_t>(sizeof(T))};
      int64_t row = begin;
      for (int64_t i = 0; i < tiles; ++i) {
        const int64_t rows = next_tile(end - row, kRows);
        tile_of<kWidth>(rows,
                        {.row = row, .packed = offset + row, .vector = panel * kWidth, .ahead = ahead.share(i, tiles)});
        row += rows;
      }
    }
  }

  template <int kWidth, int kRows = rows_in_tile<V>(G* kWidth)>
  HWY_INLINE void tile_of(int64_t rows, const ForwardPlace& at) const {
    if constexpr (kRows > 1) {
      if (rows < kRows) return tile_of<kWidth, kRows - 1>(rows, at);
    }
    tile<kWidth, kRows>(at);
  }
};

// Vectors of units in a forward tile: one gate leaves room for more than one.
template <class Cell>
constexpr int widest_forward_tile() {
  return Cell::kGates == 1 ? 4 : Cell::kGates == 2 ? 2 : 1;
}
template <class Cell, class V>
int forward_width(int64_t hidden) {
  return vectors_over<V>(hidden) > 2 ? widest_forward_tile<Cell>() : 1;
}

template <class Cell, class V>
void forward(const RecurrentForward<typename V::Value>& args, int64_t row_begin, int64_t row_end) {
  using T = typename V::Value;
  const PackedSteps& packed = args.packed;
  const int64_t H = args.hidden, size = packed.batch * H;
  T* h = args.scratch;
  T* next = args.scratch + size;
  const size_t bytes = static_cast<size_t>((row_end - row_begin) * H) * sizeof(T);
  for (T* buffer : {h, next}) std::memcpy(buffer + row_begin * H, args.initial_h + row_begin * H, bytes);
  const bool wide = forward_width<Cell, V>(H) > 1;
  for (int64_t step = 0; step < packed.steps; ++step) {
    const int64_t t = packed.reverse ? packed.steps - 1 - step : step;
    const int64_t end = std::min(row_end, packed.rows[t]);
    const ForwardStep<Cell, V> one{args, h, next, packed.batch == 1};
    if (wide)  // NOLINT(bugprone-branch-clone): the same only where the widest tile is 1
      one.template run<widest_forward_tile<Cell>()>(row_begin, end, packed.offset[t]);
    else
      one.template run<1>(row_begin, end, packed.offset[t]);
    std::swap(h, next);
  }
}

// packed[panel][k][gate][unit within the panel]
template <class Cell, class V>
void pack_forward(int64_t hidden, const typename V::Value* weight, typename V::Value* packed) {
  const int64_t width = forward_width<Cell, V>(hidden) * V::kCount;
  for (int64_t panel = 0; panel < hidden; panel += width, packed += hidden * Cell::kGates * width)
    for (int g = 0; g < Cell::kGates; ++g)
      for (int64_t u = 0; u < width; ++u) {
        typename V::Value* to = packed + g * width + u;
        const int64_t stride = Cell::kGates * width;
        if (panel + u >= hidden) {
          for (int64_t k = 0; k < hidden; ++k) to[k * stride] = 0;
          continue;
        }
        const typename V::Value* from = weight + (g * hidden + panel + u) * hidden;
        for (int64_t k = 0; k < hidden; ++k) to[k * stride] = from[k];
      }
}

template <class Cell, class V>
int64_t packed_size_forward(int64_t hidden) {
  const int64_t width = forward_width<Cell, V>(hidden) * V::kCount;
  return (hidden + width - 1) / width * width * hidden * Cell::kGates;
}

// --- backward -----------------------------------------------------------------------------------------------------

// The product's depth is cut so that the part of the weights a tile reads stays in the L2 cache for all rows.
inline constexpr int64_t kDepth = 1024;

struct BackwardPlace {
  int64_t row;     // of the batch
  int64_t vector;  // first vector of units
  int64_t from, depth;
  Ahead ahead;
};

template <class Cell, class V>
struct BackwardStep {
  using T = typename V::Value;
  static constexpr int G = Cell::kGates;

  const RecurrentBackward<T>& args;
  int64_t offset;       // packed row of this step's row 0
  int64_t prev_offset;  // the same of the step before in the direction of travel
  int64_t prev_rows;    // 0: there is none

  HWY_INLINE const T* previous(int k, int64_t row) const {
    return row < prev_rows ? args.history[k] + (prev_offset + row) * args.hidden : args.initial[k] + row * args.hidden;
  }

  // The cell's backward for one row and vector of units: dh is the gradient that has come back through later steps.
  HWY_INLINE void finish(V dh, int64_t row, int64_t unit, V* dw_sums) const {
    const int64_t H = args.hidden, n = H - unit, packed = offset + row;
    V s[Cell::kStates], before[Cell::kStates], ds[Cell::kStates], saved[Cell::kSaved + 1], w[Cell::kUnitWeights + 1];
    V dx[G], dr[G], dw[Cell::kUnitWeights + 1];
    ds[0] = dh + V::load(args.dy + packed * H + unit, n);
#pragma GCC unroll 4
    for (int k = 0; k < Cell::kStates; ++k) {
      s[k] = V::load(args.history[k] + packed * H + unit, n);
      before[k] = V::load(previous(k, row) + unit, n);
      if (k > 0) ds[k] = V::load(args.dstate[k] + row * H + unit, n);
    }
#pragma GCC unroll 8
    for (int k = 0; k < Cell::kSaved; ++k) saved[k] = V::load(args.saved + (packed * Cell::kSaved + k) * H + unit, n);
#pragma GCC unroll 4
    for (int p = 0; p < Cell::kUnitWeights; ++p) w[p] = V::load(args.unit_weights + p * H + unit, n);
    Cell::template backward<V>({saved, before, s, w}, ds, dx, dr, dw);
#pragma GCC unroll 4
    for (int k = 0; k < Cell::kStates; ++k) ds[k].store(args.dstate[k] + row * H + unit, n);
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      dx[g].store(args.dx + (packed * G + g) * H + unit, n);
      if (Cell::kSplit) dr[g].store(args.dr + (packed * G + g) * H + unit, n);
    }
#pragma GCC unroll 4
    for (int p = 0; p < Cell::kUnitWeights; ++p) dw_sums[p] = dw_sums[p] + dw[p];
  }

  // The elementwise part of rows [begin, end): dstate in, dstate and gate gradients out.
  void apply(int64_t begin, int64_t end) const {
    if constexpr (Cell::kUnitWeights == 0) {  // row by row, as the arrays lie
      for (int64_t row = begin; row < end; ++row)
        for (int64_t unit = 0; unit < args.hidden; unit += V::kCount)
          finish(V::load(args.dstate[0] + row * args.hidden + unit, args.hidden - unit), row, unit, nullptr);
      return;
    }
    for (int64_t unit = 0; unit < args.hidden; unit += V::kCount) {
      V dw[Cell::kUnitWeights + 1];
      for (int64_t row = begin; row < end; ++row)
        finish(V::load(args.dstate[0] + row * args.hidden + unit, args.hidden - unit), row, unit, dw);
      for (int p = 0; p < Cell::kUnitWeights; ++p) {
        T* sum = args.dunit_weights + p * args.hidden + unit;
        (V::load(sum, args.hidden - unit) + dw[p]).store(sum, args.hidden - unit);
      }
    }
  }

  // dstate[0] of a tile += dr W over gates [from, from + depth).
  template <int kWidth, int kRows>
  void tile(const BackwardPlace& at) const {
    const auto [row, vector, from, depth, ahead] = at;
    const int64_t H = args.hidden, width = G * H;
    V sums[kRows][kWidth];
    const T* left[kRows];
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
      left[r] = args.dr + (offset + row + r) * width + from;
#pragma GCC unroll 4
      for (int j = 0; j < kWidth; ++j) {
        const int64_t unit = (vector + j) * V::kCount;
        if (unit < H) sums[r][j] = V::load(args.dstate[0] + (row + r) * H + unit, H - unit);
      }
    }
    multiply_tile<V, kRows, kWidth>(left, args.weights + (vector * width + from * kWidth) * V::kCount, depth, sums,
                                    ahead);
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 4
      for (int j = 0; j < kWidth; ++j) {
        const int64_t unit = (vector + j) * V::kCount;
        if (unit < H) sums[r][j].store(args.dstate[0] + (row + r) * H + unit, H - unit);
      }
  }

  template <int kWidth, int kRows = rows_in_tile<V>(kWidth)>
  HWY_INLINE void tile_of(int64_t count, const BackwardPlace& at) const {
    if constexpr (kRows > 1) {
      if (count < kRows) return tile_of<kWidth, kRows - 1>(count, at);
    }
    tile<kWidth, kRows>(at);
  }

  template <int kWidth>
  void propagate(int64_t begin, int64_t end) const {
    constexpr int64_t kRows = rows_in_tile<V>(kWidth), kLineSize = kWidth * V::kCount;
    const int64_t width = G * args.hidden, tiles = (end - begin + kRows - 1) / kRows;
    for (int64_t vector = 0; vector * V::kCount < args.hidden; vector += kWidth)
      for (int64_t from = 0; from < width; from += kDepth) {
        const int64_t depth = std::min(kDepth, width - from);
        const T* next = args.weights + vector * V::kCount * width + (from + depth) * kLineSize;
        const Ahead ahead{reinterpret_cast<const char*>(next), depth * kLineSize * static_cast<int64_t>(sizeof(T))};
        int64_t row = begin;
        for (int64_t i = 0; i < tiles; ++i) {
          const int64_t count = next_tile(end - row, kRows);
          tile_of<kWidth>(count,
                          {.row = row, .vector = vector, .from = from, .depth = depth, .ahead = ahead.share(i, tiles)});
          row += count;
        }
      }
  }
};

template <class V>
int backward_width(int64_t hidden) {
  const int64_t vectors = vectors_over<V>(hidden);
  return vectors >= 3 ? 4 : static_cast<int>(vectors);
}

template <class Cell, class V>
void backward(const RecurrentBackward<typename V::Value>& args, int64_t row_begin, int64_t row_end) {
  const PackedSteps& packed = args.packed;
  const int width = backward_width<V>(args.hidden);
  for (int64_t step = packed.steps - 1; step >= 0; --step) {
    const int64_t t = packed.reverse ? packed.steps - 1 - step : step;
    const int64_t before = packed.reverse ? t + 1 : t - 1;
    const int64_t end = std::min(row_end, packed.rows[t]);
    const BackwardStep<Cell, V> one{.args = args,
                                    .offset = packed.offset[t],
                                    .prev_offset = step > 0 ? packed.offset[before] : 0,
                                    .prev_rows = step > 0 ? packed.rows[before] : 0};
    one.apply(row_begin, end);
    if (width == 4)
      one.template propagate<4>(row_begin, end);
    else if (width == 2)
      one.template propagate<2>(row_begin, end);
    else
      one.template propagate<1>(row_begin, end);
  }
}

// packed[panel][gate and unit][unit within the panel]
template <class Cell, class V>
void pack_backward(int64_t hidden, const typename V::Value* weight, typename V::Value* packed) {
  const int64_t width = backward_width<V>(hidden) * V::kCount;
  for (int64_t panel = 0; panel < hidden; panel += width)
    for (int64_t k = 0; k < Cell::kGates * hidden; ++k, packed += width) {
      const int64_t count = std::min(width, hidden - panel);
      std::copy(weight + k * hidden + panel, weight + k * hidden + panel + count, packed);
      std::fill(packed + count, packed + width, typename V::Value(0));
    }
}

template <class Cell, class V>
int64_t packed_size_backward(int64_t hidden) {
  const int64_t width = backward_width<V>(hidden) * V::kCount;
  return (hidden + width - 1) / width * width * hidden * Cell::kGates;
}

template <class Cell, class V>
RecurrentKernels<typename V::Value> recurrent_kernels() {
  return {.gates = Cell::kGates,
          .states = Cell::kStates,
          .saved = Cell::kSaved,
          .unit_weights = Cell::kUnitWeights,
          .split = Cell::kSplit,
          .packed_size_forward = packed_size_forward<Cell, V>,
          .packed_size_backward = packed_size_backward<Cell, V>,
          .pack_forward = pack_forward<Cell, V>,
          .pack_backward = pack_backward<Cell, V>,
          .forward = forward<Cell, V>,
          .backward = backward<Cell, V>};
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
// The f32 kernels to use, in namespace recur: `function` is the exported function that makes them for each instruction
// set; where the reference is forced, the loop over plain numbers.
#define RECUR_CHOOSE_KERNELS(Gates, function)                                          \
  (::recur::kernels::use_reference() ? HWY_STATIC_DISPATCH(recurrent_kernels) < Gates, \
   Scalar < float >> ()              : HWY_DYNAMIC_DISPATCH(function)())
#endif

#endif  // toggled guard
