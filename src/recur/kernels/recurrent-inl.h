// The fused time loop, once for every cell, instruction set and element type.
//
// A tile is a few rows of the batch times a few vectors of hidden units. Its recurrent product is summed up in
// registers, the cell's gates are applied to it there, and the new states are written: no [B, G H] array in between.
// Weights are packed so that a tile reads them in one run; a tile's weights are used by all rows before the next tile.
//
// Cell: see nn/cells/cell.h. P: the precision of the product's operands (operands-inl.h), over Lanes, or Scalar<T> for
// the reference. Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_RECURRENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_RECURRENT_INL_H_
#undef RECUR_KERNELS_RECURRENT_INL_H_
#else
#define RECUR_KERNELS_RECURRENT_INL_H_
#endif

#include <algorithm>
#include <type_traits>
#include <utility>

#include "recur/kernels/cell_passes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/pack-inl.h"
#include "recur/kernels/recurrent.h"
#include "recur/kernels/scratch.h"
#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::FloatKernels;
using kernels::PackedSteps;
using kernels::RecurrentBackward;
using kernels::RecurrentForward;
using kernels::RecurrentKernels;
using kernels::RecurrentWeights;
using kernels::Scratch;

template <class V>
int64_t vectors_over(int64_t hidden) {
  return (hidden + V::kCount - 1) / V::kCount;
}

// The vectors of units in the panel that begins at `vector`: at most `widest`, cut evenly. 13 at most 4 are 4, 3, 3, 3.
HWY_INLINE int64_t panel_vectors(int64_t vector, int64_t vectors, int64_t widest) {
  return next_tile(vectors - vector, widest);
}

// Vectors of units in a forward panel: one gate leaves room for more than one.
template <class Cell>
constexpr int widest_forward_panel() {
  return Cell::kGates == 1 ? 4 : Cell::kGates == 2 ? 2 : 1;
}
inline constexpr int kWidestBackwardPanel = 4;

// Where the states before step `step` of the loop are: in the history, or, for rows that begin there, at the beginning.
struct Previous {
  int64_t offset = 0;
  int64_t rows = 0;

  Previous(const PackedSteps& packed, int64_t step) {
    if (step == 0) return;
    const int64_t t = packed.reverse ? packed.steps - step : step - 1;
    offset = packed.offset[t];
    rows = packed.rows[t];
  }

  template <class T>
  HWY_INLINE const T* of(const T* history, const T* initial, int64_t row, int64_t hidden) const {
    return row < rows ? history + (offset + row) * hidden : initial + row * hidden;
  }
};

// --- forward ------------------------------------------------------------------------------------------------------

// Where the tile's rows are, and which units.
struct ForwardPlace {
  int64_t row;     // of the batch
  int64_t packed;  // row of the packed arrays
  int64_t vector;  // first vector of units
  Ahead ahead;
};

template <class Cell, class P>
struct ForwardStep {
  using V = typename P::Vector;
  using T = typename V::Value;
  using E = typename P::Element;
  static constexpr int G = Cell::kGates;

  const RecurrentForward<T, E>& args;
  Previous previous;
  int64_t first;      // row of the batch, which is row 0 of the operands
  LeftRows<E> x;      // where the input is not projected yet
  LeftRows<E> h;      // before the step
  E* next;            // after it, as h
  bool one_row;       // of the whole batch
  bool input_inside;  // whether the product takes in x
  typename P::Tiles& tiles;

  // The gates of one row and vector of units, from the recurrent product r and, where they are apart, the input's.
  HWY_INLINE void finish(const V (&product)[G], const V* projected, int64_t row, int64_t packed, int64_t unit) const {
    const int64_t H = args.hidden, n = H - unit;
    V x_part[G], r[G], w[Cell::kUnitWeights + 1], s[Cell::kStates], saved[Cell::kSaved + 1];
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      if (!input_inside)
        x_part[g] = V::load(args.x + (packed * G + g) * H + unit, n);
      else if (Cell::kSplit)
        x_part[g] = projected[g];
      if (args.bias_x != nullptr) x_part[g] = x_part[g] + V::load(args.bias_x + g * H + unit, n);
      r[g] = product[g];
      if (args.bias_r != nullptr) r[g] = r[g] + V::load(args.bias_r + g * H + unit, n);
    }
    load_values<Plain<V>, Cell::kUnitWeights>(args.unit_weights, H, unit, w);
    s[0] = V::load(previous.of<T>(args.y, args.initial_h, row, H) + unit, n);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) s[k] = V::load(args.inner[k] + row * H + unit, n);
    Cell::template forward<V>(x_part, r, w, s, saved);
    P::store(s[0], next + (row - first) * h.stride + unit, n);
    s[0].store(args.y + packed * H + unit, n);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) {
      s[k].store(args.inner[k] + row * H + unit, n);
      if (args.inner_history[k] != nullptr) s[k].store(args.inner_history[k] + packed * H + unit, n);
    }
    if (args.saved != nullptr) store_values<P, Cell::kSaved>(saved, H, unit, args.saved + packed * Cell::kSaved * H);
  }

  // Asks for what the tile reads and writes once its product is there: each row's part is a line or two of its own,
  // which the hardware does not foresee.
  template <int kRows>
  HWY_INLINE void request(const ForwardPlace& at, int64_t rows) const {
    const int64_t H = args.hidden, unit = at.vector * V::kCount;
    for_each_row<P, kRows>(rows, [&](int64_t r) RECUR_INLINE_LAMBDA {
      if (!input_inside) {
#pragma GCC unroll 4
        for (int g = 0; g < G; ++g) prefetch_to_l1(args.x + ((at.packed + r) * G + g) * H + unit);
      }
      if (args.saved == nullptr) return;
#pragma GCC unroll 8
      for (int k = 0; k < Cell::kSaved; ++k)
        prefetch_to_write(args.saved + ((at.packed + r) * Cell::kSaved + k) * H + unit);
    });
  }

  // `weights`: where the panel's part for these operands begins.
  template <int kVectors>
  HWY_INLINE TileOperands<P> operands(const LeftRows<E>& rows, int64_t row, const E* weights, int64_t depth) const {
    return {.left = {rows.at + (row - first) * rows.stride, rows.stride},
            .packed = weights,
            .width = kVectors * P::kPanelSize,
            .steps = steps_over<P>(depth)};
  }

  template <int kRows, int kVectors>
  HWY_INLINE void multiply(const TileOperands<P>& at, int64_t rows, V (&sums)[kRows][kVectors]) const {
    if constexpr (kRows == 1)
      if (one_row) return multiply_row<P, kVectors>(at.left.at, at.packed, at.steps, sums);
    multiply_tile<P>(at, tiles, rows, sums);
  }

  // `rows`: kRows or, in a matrix unit, at most as many.
  template <int kWidth, int kRows>
  void tile(int64_t rows, const ForwardPlace& at) const {
    constexpr int kVectors = G * kWidth;
    const int64_t H = args.hidden, F = padded<P>(args.input);
    V sums[kRows][kVectors], projected[Cell::kSplit ? kRows : 1][kVectors];
    const E* weights = args.weights + at.vector * V::kCount * G * (F + padded<P>(H));
    Ahead ahead = at.ahead;
    request<kRows>(at, rows);
    if (input_inside) {
      TileOperands<P> input = operands<kVectors>(x, at.row, weights, F);
      input.ahead = {ahead.from, ahead.bytes * F / (F + padded<P>(H))};
      multiply(input, rows, sums);
      weights += F * V::kCount * kVectors;
      ahead = {ahead.from + input.ahead.bytes, ahead.bytes - input.ahead.bytes};
      if constexpr (Cell::kSplit)
        for (int r = 0; r < kRows; ++r)
          for (int j = 0; j < kVectors; ++j) projected[r][j] = std::exchange(sums[r][j], V());
    }
    TileOperands<P> recurrent = operands<kVectors>(h, at.row, weights, H);
    recurrent.ahead = ahead;
    multiply(recurrent, rows, sums);
    if constexpr (P::kInMatrixUnit) {
      finish_rows<kWidth>(rows, sums[0], projected[0], at);
    } else {
      // Copies: arrays whose address is given away could not be registers above.
      V products[kRows][kVectors], inputs[Cell::kSplit ? kRows : 1][kVectors];
      for_each_row<P, kRows>(rows, [&](int64_t r) RECUR_INLINE_LAMBDA {
#pragma GCC unroll 4
        for (int j = 0; j < kVectors; ++j) {
          products[r][j] = sums[r][j];
          if (Cell::kSplit) inputs[r][j] = projected[r][j];
        }
      });
      finish_rows<kWidth>(rows, products[0], inputs[0], at);
    }
  }

  // The gates of a tile's rows, [rows, G, kWidth] vectors of sums each. The code is long: it stands here once for tiles
  // of any number of rows, which reading the sums from memory costs less than it gives back in the instruction cache.
  template <int kWidth>
  HWY_NOINLINE void finish_rows(int64_t rows, const V* products, const V* inputs, const ForwardPlace& at) const {
    for (int64_t r = 0; r < rows; ++r) {
      for (int j = 0; j < kWidth; ++j) {
        V product[G], input[G];
#pragma GCC unroll 4
        for (int g = 0; g < G; ++g) {
          product[g] = products[(r * G + g) * kWidth + j];
          if (Cell::kSplit) input[g] = inputs[(r * G + g) * kWidth + j];
        }
        finish(product, input, at.row + r, at.packed + r, (at.vector + j) * V::kCount);
      }
    }
  }

  // Rows [first, end) of the step whose row 0 is packed row `offset`, all units.
  void run(int64_t end, int64_t offset) const {
    constexpr int kWidest = widest_forward_panel<Cell>();
    const int64_t vectors = vectors_over<V>(args.hidden);
    const int64_t vector_size = V::kCount * G * (padded<P>(args.input) + padded<P>(args.hidden));
    for (int64_t vector = 0, width; vector < vectors; vector += width) {
      width = panel_vectors(vector, vectors, kWidest);
      const int64_t next = vector + width < vectors ? vector + width : 0;
      const Ahead ahead{reinterpret_cast<const char*>(args.weights + next * vector_size),
                        panel_vectors(next, vectors, kWidest) * vector_size * static_cast<int64_t>(sizeof(E))};
      panel_of<kWidest>(width, end, {.row = first, .packed = offset + first, .vector = vector, .ahead = ahead});
    }
  }

  template <int kWidth>
  HWY_INLINE void panel_of(int64_t width, int64_t end, const ForwardPlace& at) const {
    if constexpr (kWidth > 1) {
      if (width < kWidth) return panel_of<kWidth - 1>(width, end, at);
    }
    panel<kWidth>(end, at);
  }

  // All rows from `at` on.
  template <int kWidth>
  void panel(int64_t end, ForwardPlace at) const {
    constexpr int64_t kRows = rows_in_tile<P>(G * kWidth);
    const int64_t tiles = (end - at.row + kRows - 1) / kRows;
    const Ahead ahead = at.ahead;
    for (int64_t i = 0; i < tiles; ++i) {
      const int64_t rows = next_tile(end - at.row, kRows);
      at.ahead = ahead.share(i, tiles);
      tile_of<kWidth>(rows, at);
      at.row += rows;
      at.packed += rows;
    }
  }

  template <int kWidth, int kRows = rows_in_tile<P>(G* kWidth)>
  HWY_INLINE void tile_of(int64_t rows, const ForwardPlace& at) const {
    if constexpr (P::kInMatrixUnit) {
      if (one_row) return tile<kWidth, 1>(rows, at);
    } else if constexpr (kRows > 1) {
      if (rows < kRows) return tile_of<kWidth, kRows - 1>(rows, at);
    }
    tile<kWidth, kRows>(rows, at);
  }
};

template <class Cell, class P>
void forward(const RecurrentForward<typename P::Vector::Value, typename P::Element>& args, int64_t row_begin,
             int64_t row_end) {
  using E = typename P::Element;
  constexpr bool kAsItIs = std::is_same_v<E, typename P::Vector::Value>;  // x is an operand as it lies
  const PackedSteps& packed = args.packed;
  const int64_t H = args.hidden, F = args.input, rows = row_end - row_begin;
  const int64_t size = rows * padded<P>(H), x_size = kAsItIs ? 0 : rows * padded<P>(F);
  const Scratch<E> scratch(2 * size + x_size);
  E *h = scratch.data(), *next = h + size, *x = next + size;
  typename P::Tiles tiles;
  for (E* buffer : {h, next}) store_rows<P>(args.initial_h + row_begin * H, H, {.rows = rows, .columns = H}, buffer);
  for (int64_t step = 0; step < packed.steps; ++step) {
    const int64_t t = packed.reverse ? packed.steps - 1 - step : step;
    const int64_t end = std::min(row_end, packed.rows[t]), from = packed.offset[t] + row_begin;
    LeftRows<E> x_rows{x, padded<P>(F)};
    if constexpr (kAsItIs) {
      x_rows.at = args.x + from * F;
    } else if (F > 0) {
      store_rows<P>(args.x + from * F, F, {.rows = std::max<int64_t>(end - row_begin, 0), .columns = F}, x);
    }
    const ForwardStep<Cell, P> one{.args = args,
                                   .previous = {packed, step},
                                   .first = row_begin,
                                   .x = x_rows,
                                   .h = {h, padded<P>(H)},
                                   .next = next,
                                   .one_row = packed.batch == 1,
                                   .input_inside = F > 0,
                                   .tiles = tiles};
    one.run(end, packed.offset[t]);
    std::swap(h, next);
  }
}

// --- backward -----------------------------------------------------------------------------------------------------

// The product's depth is cut, in steps, so that the part of the weights a tile reads stays in the L2 cache for all
// rows.
inline constexpr int64_t kDepth = 512;

struct BackwardPlace {
  int64_t row;     // of the batch
  int64_t vector;  // first vector of units
  int64_t from, steps;
  Ahead ahead;
};

template <class Cell, class P>
struct BackwardStep {
  using V = typename P::Vector;
  using T = typename V::Value;
  using E = typename P::Element;
  static constexpr int G = Cell::kGates;
  static constexpr bool kAsItIs = std::is_same_v<E, T>;  // dr is an operand as it lies

  const RecurrentBackward<T, E>& args;
  Previous previous;
  int64_t first;   // row of the batch
  int64_t offset;  // packed row of this step's row 0
  E* operand;      // dr of this step [rows, G H] as left operand, where it is not so already
  typename P::Tiles& tiles;

  // The cell's backward for one row and vector of units: dh is the gradient that has come back through later steps.
  HWY_INLINE void finish(V dh, int64_t row, int64_t unit, V* dw_sums) const {
    const int64_t H = args.hidden, n = H - unit, packed = offset + row;
    V s[Cell::kStates], before[Cell::kStates], ds[Cell::kStates], saved[Cell::kSaved + 1], w[Cell::kUnitWeights + 1];
    V dx[G], dr[G], dw[Cell::kUnitWeights + 1];
    ds[0] = dh + V::load(args.dy + packed * H + unit, n);
#pragma GCC unroll 4
    for (int k = 0; k < Cell::kStates; ++k) {
      s[k] = V::load(args.history[k] + packed * H + unit, n);
      before[k] = V::load(previous.of<T>(args.history[k], args.initial[k], row, H) + unit, n);
      if (k > 0) ds[k] = V::load(args.dstate[k] + row * H + unit, n);
    }
    load_values<P, Cell::kSaved>(args.saved + packed * Cell::kSaved * H, H, unit, saved);
    load_values<Plain<V>, Cell::kUnitWeights>(args.unit_weights, H, unit, w);
    Cell::template backward<V>({saved, before, s, w}, ds, dx, dr, dw);
#pragma GCC unroll 4
    for (int k = 0; k < Cell::kStates; ++k) ds[k].store(args.dstate[k] + row * H + unit, n);
    store_values<Plain<V>, G>(dx, H, unit, args.dx + packed * G * H);
    if (Cell::kSplit) store_values<Plain<V>, G>(dr, H, unit, args.dr + packed * G * H);
    if (!kAsItIs) store_values<P, G>(Cell::kSplit ? dr : dx, H, unit, operand_row(row));
#pragma GCC unroll 4
    for (int p = 0; p < Cell::kUnitWeights; ++p) dw_sums[p] = dw_sums[p] + dw[p];
  }

  HWY_INLINE E* operand_row(int64_t row) const { return operand + (row - first) * padded<P>(G * args.hidden); }

  // The left operand from a row on.
  HWY_INLINE LeftRows<E> left(int64_t row) const {
    const int64_t width = G * args.hidden;
    if constexpr (kAsItIs)
      return {args.dr + (offset + row) * width, width};
    else
      return {operand_row(row), padded<P>(width)};
  }

  // The elementwise part of rows [first, end): dstate in, dstate and gate gradients out.
  void apply(int64_t end) const {
    const int64_t H = args.hidden;
    const auto finish_at = [&](int64_t row, int64_t unit, V* dw)
                               HWY_ATTR { finish(V::load(args.dstate[0] + row * H + unit, H - unit), row, unit, dw); };
    if constexpr (Cell::kUnitWeights == 0) {  // row by row, as the arrays lie
      for (int64_t row = first; row < end; ++row)
        for (int64_t unit = 0; unit < H; unit += V::kCount) finish_at(row, unit, nullptr);
    } else {
      for (int64_t unit = 0; unit < H; unit += V::kCount) {
        V dw[Cell::kUnitWeights];
        for (int64_t row = first; row < end; ++row) finish_at(row, unit, dw);
        for (int p = 0; p < Cell::kUnitWeights; ++p) {
          T* sum = args.dunit_weights + p * H + unit;
          (V::load(sum, H - unit) + dw[p]).store(sum, H - unit);
        }
      }
    }
  }

  // dstate[0] of a tile += dr W over `steps` steps of the gates. `rows`: as in forward.
  template <int kWidth, int kRows>
  void tile(int64_t rows, const BackwardPlace& at) const {
    const int64_t H = args.hidden, width = padded<P>(G * H);
    V sums[kRows][kWidth];
    for_each_row<P, kRows>(rows, [&](int64_t r) RECUR_INLINE_LAMBDA {
#pragma GCC unroll 4
      for (int j = 0; j < kWidth; ++j) {
        const int64_t unit = (at.vector + j) * V::kCount;
        sums[r][j] = V::load(args.dstate[0] + (at.row + r) * H + unit, H - unit);
      }
    });
    LeftRows<E> dr = left(at.row);
    dr.at += at.from * P::kDepth;
    multiply_tile<P>({.left = dr,
                      .packed = args.weights + at.vector * V::kCount * width + at.from * kWidth * P::kPanelSize,
                      .width = kWidth * P::kPanelSize,
                      .steps = at.steps,
                      .ahead = at.ahead},
                     tiles, rows, sums);
    for_each_row<P, kRows>(rows, [&](int64_t r) RECUR_INLINE_LAMBDA {
#pragma GCC unroll 4
      for (int j = 0; j < kWidth; ++j) {
        const int64_t unit = (at.vector + j) * V::kCount;
        sums[r][j].store(args.dstate[0] + (at.row + r) * H + unit, H - unit);
      }
    });
  }

  template <int kWidth, int kRows = rows_in_tile<P>(kWidth)>
  HWY_INLINE void tile_of(int64_t count, const BackwardPlace& at) const {
    if constexpr (kRows > 1 && !P::kInMatrixUnit) {
      if (count < kRows) return tile_of<kWidth, kRows - 1>(count, at);
    }
    tile<kWidth, kRows>(count, at);
  }

  // dstate[0] of rows [first, end) += dr W.
  void propagate(int64_t end) const {
    const int64_t vectors = vectors_over<V>(args.hidden);
    for (int64_t vector = 0, width; vector < vectors; vector += width) {
      width = panel_vectors(vector, vectors, kWidestBackwardPanel);
      panel_of<kWidestBackwardPanel>(width, end, vector);
    }
  }

  template <int kWidth>
  HWY_INLINE void panel_of(int64_t width, int64_t end, int64_t vector) const {
    if constexpr (kWidth > 1) {
      if (width < kWidth) return panel_of<kWidth - 1>(width, end, vector);
    }
    panel<kWidth>(end, vector);
  }

  template <int kWidth>
  void panel(int64_t end, int64_t vector) const {
    constexpr int64_t kRows = rows_in_tile<P>(kWidth), kStepSize = kWidth * P::kPanelSize;
    const int64_t all = steps_over<P>(G * args.hidden), tiles = (end - first + kRows - 1) / kRows;
    const E* next = args.weights + vector * V::kCount * all * P::kDepth;
    for (int64_t from = 0; from < all; from += kDepth) {
      const int64_t steps = std::min(kDepth, all - from);
      next += steps * kStepSize;
      const Ahead ahead{reinterpret_cast<const char*>(next), steps * kStepSize * static_cast<int64_t>(sizeof(E))};
      int64_t row = first;
      for (int64_t i = 0; i < tiles; ++i) {
        const int64_t count = next_tile(end - row, kRows);
        tile_of<kWidth>(count,
                        {.row = row, .vector = vector, .from = from, .steps = steps, .ahead = ahead.share(i, tiles)});
        row += count;
      }
    }
  }
};

template <class Cell, class P>
void backward(const RecurrentBackward<typename P::Vector::Value, typename P::Element>& args, int64_t row_begin,
              int64_t row_end) {
  using E = typename P::Element;
  using Step = BackwardStep<Cell, P>;
  const PackedSteps& packed = args.packed;
  const int64_t size = Step::kAsItIs ? 0 : (row_end - row_begin) * padded<P>(Cell::kGates * args.hidden);
  const Scratch<E> operand(size);
  std::fill_n(operand.data(), size, E());
  typename P::Tiles tiles;
  for (int64_t step = packed.steps - 1; step >= 0; --step) {
    const int64_t t = packed.reverse ? packed.steps - 1 - step : step;
    const int64_t end = std::min(row_end, packed.rows[t]);
    const Step one{.args = args,
                   .previous = {packed, step},
                   .first = row_begin,
                   .offset = packed.offset[t],
                   .operand = operand.data(),
                   .tiles = tiles};
    one.apply(end);
    one.propagate(end);
  }
}

// --- packing ------------------------------------------------------------------------------------------------------

// packed[step][gate][unit within the panel][k] from weight [G H, depth], units [panel, panel + width).
template <class Cell, class P>
void pack_transposed(const typename P::Vector::Value* weight, int64_t hidden, int64_t depth, int64_t panel,
                     int64_t width, typename P::Element* packed) {
  constexpr int64_t kAtOnce = 64;  // steps whose transpose stays in the L1 cache
  using T = typename P::Vector::Value;
  const int64_t columns = Cell::kGates * width, count = std::min(width, hidden - panel);
  const Scratch<T> scratch(kAtOnce * columns);
  T* const block = scratch.data();
  std::fill_n(block, kAtOnce * columns, T(0));
  for (int64_t k = 0; k < depth; k += kAtOnce) {
    const int64_t rows = std::min(kAtOnce, depth - k);
    for (int g = 0; g < Cell::kGates; ++g)
      transpose(weight + (g * hidden + panel) * depth + k, depth, {.rows = count, .columns = rows}, block + g * width,
                columns);
    pack_rows<P>(block, columns, {.rows = rows, .columns = columns}, columns, packed);
    packed += padded<P>(rows) * columns;
  }
}

// Calls f(first unit, units) for each panel.
template <class P, class F>
HWY_INLINE void for_each_panel(int64_t hidden, int64_t widest, const F& f) {
  const int64_t vectors = vectors_over<typename P::Vector>(hidden);
  for (int64_t vector = 0, width; vector < vectors; vector += width) {
    width = panel_vectors(vector, vectors, widest);
    f(vector * P::Vector::kCount, width * P::Vector::kCount);
  }
}

// packed[panel]: the input's part, then the recurrent one, each as above.
template <class Cell, class P>
void pack_forward(const RecurrentWeights<typename P::Vector::Value>& w, typename P::Element* packed) {
  for_each_panel<P>(w.hidden, widest_forward_panel<Cell>(), [&](int64_t unit, int64_t units) HWY_ATTR {
    pack_transposed<Cell, P>(w.of_input, w.hidden, w.input, unit, units, packed);
    packed += padded<P>(w.input) * Cell::kGates * units;
    pack_transposed<Cell, P>(w.recurrent, w.hidden, w.hidden, unit, units, packed);
    packed += padded<P>(w.hidden) * Cell::kGates * units;
  });
}

template <class Cell, class P>
int64_t packed_size_forward(int64_t hidden, int64_t input) {
  using V = typename P::Vector;
  return vectors_over<V>(hidden) * V::kCount * Cell::kGates * (padded<P>(input) + padded<P>(hidden));
}

// packed[panel][step over gates and units][unit within the panel][k]
template <class Cell, class P>
void pack_backward(const RecurrentWeights<typename P::Vector::Value>& w, typename P::Element* packed) {
  const int64_t rows = Cell::kGates * w.hidden;
  for_each_panel<P>(w.hidden, kWidestBackwardPanel, [&](int64_t unit, int64_t units) HWY_ATTR {
    pack_rows<P>(w.recurrent + unit, w.hidden, {.rows = rows, .columns = w.hidden - unit}, units, packed);
    packed += padded<P>(rows) * units;
  });
}

template <class Cell, class P>
int64_t packed_size_backward(int64_t hidden) {
  using V = typename P::Vector;
  return vectors_over<V>(hidden) * V::kCount * padded<P>(hidden * Cell::kGates);
}

template <class Cell, class P>
RecurrentKernels<typename P::Vector::Value, typename P::Element> recurrent_kernels() {
  RecurrentKernels<typename P::Vector::Value, typename P::Element> kernels{
      .gates = Cell::kGates,
      .states = Cell::kStates,
      .saved = Cell::kSaved,
      .unit_weights = Cell::kUnitWeights,
      .split = Cell::kSplit,
      .passes = cell_passes<Cell, typename P::Vector>()};
  if constexpr (Cell::kLateGates == 0) {
    kernels.packed_size_forward = packed_size_forward<Cell, P>;
    kernels.packed_size_backward = packed_size_backward<Cell, P>;
    kernels.pack_forward = pack_forward<Cell, P>;
    kernels.pack_backward = pack_backward<Cell, P>;
    kernels.forward = forward<Cell, P>;
    kernels.backward = backward<Cell, P>;
  }
  return kernels;
}

template <class Cell, class V>
FloatKernels float_kernels() {
  FloatKernels kernels{.full = recurrent_kernels<Cell, Plain<V>>(), .half = recurrent_kernels<Cell, Half<V>>()};
  if constexpr (V::kCount > 1) kernels.half = with_fastest_half([]<class P>() { return recurrent_kernels<Cell, P>(); });
  return kernels;
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
// The kernels of a cell, in namespace recur: `function` is the exported function that makes them for each instruction
// set; where the reference is forced, the loops over plain numbers.
#define RECUR_CHOOSE_KERNELS(Gates, function)                                      \
  (::recur::kernels::use_reference() ? HWY_STATIC_DISPATCH(float_kernels) < Gates, \
   Scalar < float >> ()              : HWY_DYNAMIC_DISPATCH(function)())
#define RECUR_DOUBLE_KERNELS(Gates) \
  (HWY_STATIC_DISPATCH(recurrent_kernels) < Gates, HWY_STATIC_DISPATCH(Plain) < Scalar < double >>> ())
#endif

#endif  // toggled guard
