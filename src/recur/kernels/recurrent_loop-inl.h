// The fused time loop, once for every instruction set and element type. What a cell adds to it, its gates, are
// functions (recurrent-inl.h); the loop itself is compiled in recurrent_loop.cc.
//
// A tile is a few rows of the batch times a few vectors of hidden units. When its recurrent product has been summed up,
// the cell's gates are applied to it and the new states are written: no [B, G H] array in between. Weights are packed
// so that a tile reads them in one run; a tile's weights are used by all rows before the next tile.
//
// P: the precision of the product's operands (operands-inl.h), over Lanes, or Scalar<T> for the reference. Included
// once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_RECURRENT_LOOP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_RECURRENT_LOOP_INL_H_
#undef RECUR_KERNELS_RECURRENT_LOOP_INL_H_
#else
#define RECUR_KERNELS_RECURRENT_LOOP_INL_H_
#endif

#include <algorithm>
#include <type_traits>
#include <utility>

#include "recur/kernels/pack-inl.h"
#include "recur/kernels/recurrent.h"
#include "recur/kernels/scratch.h"
#include "recur/kernels/tile_products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::PackedSteps;
using kernels::RecurrentBackward;
using kernels::RecurrentForward;
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

// Vectors of units in a forward panel: few gates leave room for more than one.
constexpr int widest_forward_panel(int gates) { return gates == 1 ? 4 : gates == 2 ? 2 : 1; }
inline constexpr int kWidestBackwardPanel = 4;

// Rows whose gates are applied after all their products, and the values that their sums take at most.
inline constexpr int64_t kRowsInBlock = 48;
template <class P>
inline constexpr int64_t kMostBlockSums = kRowsInBlock* kMostPanelVectors* P::Vector::kCount;

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

template <class P>
struct ForwardStep;
template <class P>
struct BackwardStep;

// The rows and the units of a block: panels, one after the other.
struct ForwardPlace {
  int64_t row;     // of the batch
  int64_t packed;  // row of the packed arrays
  int64_t count;   // of rows
  int64_t vector;  // first vector of units
  int64_t end;     // behind the last
};

// What the loop has to know of a cell.
template <class P>
struct LoopCell {
  using T = typename P::Vector::Value;

  int gates;
  int saved;   // values a unit
  bool split;  // whether the gradients of projected input and recurrent product differ
  // Applies the gates to a block and writes the states. products, and where the product takes in x and the cell splits
  // it, inputs: for each panel [rows, G, width] vectors of sums.
  void (*forward)(const ForwardStep<P>& step, const ForwardPlace& at, const T* products, const T* inputs);
  // The elementwise part of rows up to `end`: dstate in, dstate and gate gradients out.
  void (*backward)(const BackwardStep<P>& step, int64_t end);
};

template <class P>
struct ForwardStep {
  using T = typename P::Vector::Value;
  using E = typename P::Element;

  RecurrentForward<T, typename P::Stored> args;
  Previous previous;
  int64_t first;      // row of the batch, which is row 0 of the operands
  LeftRows<E> x;      // where the input is not projected yet
  LeftRows<E> h;      // before the step
  E* next;            // after it, as h
  bool one_row;       // of the whole batch
  bool input_inside;  // whether the product takes in x
};

template <class P>
struct BackwardStep {
  using T = typename P::Vector::Value;
  using E = typename P::Element;

  RecurrentBackward<T, typename P::Stored> args;
  Previous previous;
  int64_t first;   // row of the batch
  int64_t offset;  // packed row of this step's row 0
  int64_t width;   // G H
  E* operand;      // dr of this step [rows, G H] as left operand, where it is not so already

  HWY_INLINE E* operand_row(int64_t row) const { return operand + (row - first) * padded<P>(width); }
};

template <class P>
class RecurrentLoop {
 public:
  using V = typename P::Vector;
  using T = typename V::Value;
  using E = typename P::Element;
  using Cell = LoopCell<P>;
  using Forward = RecurrentForward<T, typename P::Stored>;
  using Backward = RecurrentBackward<T, typename P::Stored>;

  static void forward(const Cell& cell, const Forward& args, int64_t row_begin, int64_t row_end);
  static void backward(const Cell& cell, const Backward& args, int64_t row_begin, int64_t row_end);

  // packed[panel]: the input's part, then the recurrent one, each [step][gate][unit within the panel][k].
  static void pack_forward(int gates, const RecurrentWeights<T>& w, E* packed);
  static int64_t packed_size_forward(int gates, int64_t hidden, int64_t input);
  // packed[panel][step over gates and units][unit within the panel][k]
  static void pack_backward(int gates, const RecurrentWeights<T>& w, E* packed);
  static int64_t packed_size_backward(int gates, int64_t hidden);

 private:
  using Tiles = typename P::Tiles;

  static void forward_step(const Cell& cell, const ForwardStep<P>& step, Tiles& tiles, int64_t end, int64_t offset);
  static void forward_block(const Cell& cell, const ForwardStep<P>& step, Tiles& tiles, const ForwardPlace& at);
  static void multiply_panel(const Cell& cell, const ForwardStep<P>& step, Tiles& tiles, const ForwardPlace& at,
                             T* products, T* inputs);
  static void request(const Cell& cell, const ForwardStep<P>& step, const ForwardPlace& at);
  static void propagate(const BackwardStep<P>& step, Tiles& tiles, int64_t end);
  static void backward_panel(const BackwardStep<P>& step, Tiles& tiles, int64_t end, int64_t vector, int64_t width);
  static void pack_transposed(int gates, const T* weight, int64_t hidden, int64_t depth, int64_t panel, int64_t width,
                              E* packed);
  static LeftRows<E> left(const BackwardStep<P>& step, int64_t row);
};

// --- forward ------------------------------------------------------------------------------------------------------

template <class P>
void RecurrentLoop<P>::forward(const Cell& cell, const Forward& args, int64_t row_begin, int64_t row_end) {
  const PackedSteps& packed = args.packed;
  const int64_t H = args.hidden, F = args.input, rows = row_end - row_begin;
  const int64_t size = rows * padded<P>(H), x_size = P::kAsItIs ? 0 : rows * padded<P>(F);
  const Scratch<E> scratch(2 * size + x_size);
  E *h = scratch.data(), *next = h + size, *x = next + size;
  Tiles tiles;
  for (E* buffer : {h, next}) store_rows<P>(args.initial_h + row_begin * H, H, {.rows = rows, .columns = H}, buffer);
  for (int64_t step = 0; step < packed.steps; ++step) {
    const int64_t t = packed.reverse ? packed.steps - 1 - step : step;
    const int64_t end = std::min(row_end, packed.rows[t]), from = packed.offset[t] + row_begin;
    LeftRows<E> x_rows{x, padded<P>(F)};
    if constexpr (P::kAsItIs) {
      x_rows.at = args.x + from * F;
    } else if (F > 0) {
      store_rows<P>(args.x + from * F, F, {.rows = std::max<int64_t>(end - row_begin, 0), .columns = F}, x);
    }
    const ForwardStep<P> one{.args = args,
                             .previous = {packed, step},
                             .first = row_begin,
                             .x = x_rows,
                             .h = {h, padded<P>(H)},
                             .next = next,
                             .one_row = packed.batch == 1,
                             .input_inside = F > 0};
    forward_step(cell, one, tiles, end, packed.offset[t]);
    std::swap(h, next);
  }
}

// Rows up to `end` of the step whose row 0 is packed row `offset`, all units. A block has several panels where it has
// all rows; else a panel goes through all blocks of rows before the next.
template <class P>
void RecurrentLoop<P>::forward_step(const Cell& cell, const ForwardStep<P>& step, Tiles& tiles, int64_t end,
                                    int64_t offset) {
  const int64_t rows = end - step.first, vectors = vectors_over<V>(step.args.hidden);
  if (rows <= 0) return;
  const int widest = widest_forward_panel(cell.gates);
  const int64_t panels =
      std::max<int64_t>(1, kMostBlockSums<P> / (std::min(rows, kRowsInBlock) * cell.gates * widest * V::kCount));
  for (int64_t vector = 0, last; vector < vectors; vector = last) {
    last = vector;
    for (int64_t i = 0; i < (rows > kRowsInBlock ? 1 : panels) && last < vectors; ++i)
      last += panel_vectors(last, vectors, widest);
    for (int64_t row = step.first, count; row < end; row += count) {
      count = next_tile(end - row, kRowsInBlock);
      forward_block(cell, step, tiles,
                    {.row = row, .packed = offset + row, .count = count, .vector = vector, .end = last});
    }
  }
}

template <class P>
void RecurrentLoop<P>::forward_block(const Cell& cell, const ForwardStep<P>& step, Tiles& tiles,
                                     const ForwardPlace& at) {
  alignas(64) T products[kMostBlockSums<P>], inputs[kMostBlockSums<P>];
  const int64_t vectors = vectors_over<V>(step.args.hidden);
  ForwardPlace panel = at;
  for (int64_t sums = 0; panel.vector < at.end; panel.vector = panel.end) {
    panel.end = panel.vector + panel_vectors(panel.vector, vectors, widest_forward_panel(cell.gates));
    request(cell, step, panel);
    multiply_panel(cell, step, tiles, panel, products + sums, inputs + sums);
    sums += at.count * cell.gates * (panel.end - panel.vector) * V::kCount;
  }
  cell.forward(step, at, products, inputs);
}

template <class P>
void RecurrentLoop<P>::multiply_panel(const Cell& cell, const ForwardStep<P>& step, Tiles& tiles,
                                      const ForwardPlace& at, T* products, T* inputs) {
  const Forward& args = step.args;
  const int64_t vectors = cell.gates * (at.end - at.vector), line = vectors * P::kPanelSize;
  const int64_t columns = vectors * V::kCount, row = at.row - step.first, rows = at.count;
  const int64_t F = padded<P>(args.input), depth = F + padded<P>(args.hidden);
  const E* const all = packed_of<P>(args.weights);
  const E* weights = all + at.vector * V::kCount * cell.gates * depth;
  TileOperands<P> recurrent{.left = {step.h.at + row * step.h.stride, step.h.stride},
                            .packed = weights + F * columns,
                            .width = line,
                            .steps = steps_over<P>(args.hidden)};
  TileOperands<P> input{.left = {step.x.at + row * step.x.stride, step.x.stride},
                        .packed = weights,
                        .width = line,
                        .steps = steps_over<P>(args.input)};
  // The next panel is as large, but for the last one; behind that the first one comes again.
  const E* next = at.end < vectors_over<V>(args.hidden) ? weights + depth * columns : all;
  Ahead ahead;
  if (rows > 1)
    ahead = Ahead(next, depth * columns * static_cast<int64_t>(sizeof(E)),
                  tiles_over<P>(rows, vectors) * (depth / P::kDepth));
  if (step.input_inside && cell.split)
    TileProducts<P>::multiply(input, tiles, rows, step.one_row, {inputs, columns, columns}, ahead);
  else if (step.input_inside)
    input.then = &recurrent;
  TileProducts<P>::multiply(input.then != nullptr ? input : recurrent, tiles, rows, step.one_row,
                            {products, columns, columns}, ahead);
}

// Asks for what the block reads and writes once its product is there: each row's part is a line or two of its own,
// which the hardware does not foresee.
template <class P>
void RecurrentLoop<P>::request(const Cell& cell, const ForwardStep<P>& step, const ForwardPlace& at) {
  const Forward& args = step.args;
  const int64_t H = args.hidden, end = std::min(H, at.end * V::kCount);
  constexpr int64_t kLine = 64 / sizeof(T);
  for (int64_t r = at.packed; r < at.packed + at.count; ++r)
    for (int64_t unit = at.vector * V::kCount; unit < end; unit += kLine) {
      if (!step.input_inside)
        for (int g = 0; g < cell.gates; ++g) prefetch_to_l1(args.x + (r * cell.gates + g) * H + unit);
      if (args.saved != nullptr)
        for (int k = 0; k < cell.saved; ++k) prefetch_to_write(args.saved + (r * cell.saved + k) * H + unit);
    }
}

// --- backward -----------------------------------------------------------------------------------------------------

template <class P>
void RecurrentLoop<P>::backward(const Cell& cell, const Backward& args, int64_t row_begin, int64_t row_end) {
  const PackedSteps& packed = args.packed;
  const int64_t width = cell.gates * args.hidden, size = P::kAsItIs ? 0 : (row_end - row_begin) * padded<P>(width);
  const Scratch<E> operand(size);
  std::fill_n(operand.data(), size, E());
  Tiles tiles;
  for (int64_t step = packed.steps - 1; step >= 0; --step) {
    const int64_t t = packed.reverse ? packed.steps - 1 - step : step;
    const int64_t end = std::min(row_end, packed.rows[t]);
    const BackwardStep<P> one{.args = args,
                              .previous = {packed, step},
                              .first = row_begin,
                              .offset = packed.offset[t],
                              .width = width,
                              .operand = operand.data()};
    cell.backward(one, end);
    if (step > 0 || args.wants_initial_h) propagate(one, tiles, end);
  }
}

// dstate[0] of rows up to `end` += dr W.
template <class P>
void RecurrentLoop<P>::propagate(const BackwardStep<P>& step, Tiles& tiles, int64_t end) {
  const int64_t vectors = vectors_over<V>(step.args.hidden);
  for (int64_t vector = 0, width; vector < vectors; vector += width) {
    width = panel_vectors(vector, vectors, kWidestBackwardPanel);
    backward_panel(step, tiles, end, vector, width);
  }
}

template <class P>
void RecurrentLoop<P>::backward_panel(const BackwardStep<P>& step, Tiles& tiles, int64_t end, int64_t vector,
                                      int64_t width) {
  // The product's depth is cut, in steps, so that the part of the weights a tile reads stays in the L2 cache for all
  // rows.
  constexpr int64_t kLongest = 512;
  const Backward& args = step.args;
  const int64_t H = args.hidden, unit = vector * V::kCount, columns = std::min(width * V::kCount, H - unit);
  const int64_t line = width * P::kPanelSize, all = steps_over<P>(step.width);
  const E* weights = packed_of<P>(args.weights) + unit * all * P::kDepth;
  for (int64_t from = 0; from < all; from += kLongest, weights += kLongest * line) {
    const int64_t steps = std::min(kLongest, all - from);
    LeftRows<E> dr = left(step, step.first);
    dr.at += from * P::kDepth;
    const int64_t rows = end - step.first, size = steps * line;
    Ahead ahead(weights + size, size * static_cast<int64_t>(sizeof(E)), tiles_over<P>(rows, width) * steps);
    TileProducts<P>::multiply({.left = dr, .packed = weights, .width = line, .steps = steps}, tiles, rows, false,
                              {args.dstate[0] + step.first * H + unit, H, columns, Into::kFrom}, ahead);
  }
}

// The left operand from a row on.
template <class P>
LeftRows<typename P::Element> RecurrentLoop<P>::left(const BackwardStep<P>& step, int64_t row) {
  if constexpr (P::kAsItIs)
    return {step.args.dr + (step.offset + row) * step.width, step.width};
  else
    return {step.operand_row(row), padded<P>(step.width)};
}

// --- packing ------------------------------------------------------------------------------------------------------

// packed[step][gate][unit within the panel][k] from weight [G H, depth], units [panel, panel + width).
template <class P>
void RecurrentLoop<P>::pack_transposed(int gates, const T* weight, int64_t hidden, int64_t depth, int64_t panel,
                                       int64_t width, E* packed) {
  constexpr int64_t kAtOnce = 64;  // steps whose transpose stays in the L1 cache
  const int64_t columns = gates * width, count = std::min(width, hidden - panel);
  const Scratch<T> scratch(kAtOnce * columns);
  T* const block = scratch.data();
  std::fill_n(block, kAtOnce * columns, T(0));
  for (int64_t k = 0; k < depth; k += kAtOnce) {
    const int64_t rows = std::min(kAtOnce, depth - k);
    for (int g = 0; g < gates; ++g)
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

template <class P>
void RecurrentLoop<P>::pack_forward(int gates, const RecurrentWeights<T>& w, E* packed) {
  for_each_panel<P>(w.hidden, widest_forward_panel(gates), [&](int64_t unit, int64_t units) HWY_ATTR {
    pack_transposed(gates, w.of_input, w.hidden, w.input, unit, units, packed);
    packed += padded<P>(w.input) * gates * units;
    pack_transposed(gates, w.recurrent, w.hidden, w.hidden, unit, units, packed);
    packed += padded<P>(w.hidden) * gates * units;
  });
}

template <class P>
int64_t RecurrentLoop<P>::packed_size_forward(int gates, int64_t hidden, int64_t input) {
  return vectors_over<V>(hidden) * V::kCount * gates * (padded<P>(input) + padded<P>(hidden));
}

template <class P>
void RecurrentLoop<P>::pack_backward(int gates, const RecurrentWeights<T>& w, E* packed) {
  const int64_t rows = gates * w.hidden;
  for_each_panel<P>(w.hidden, kWidestBackwardPanel, [&](int64_t unit, int64_t units) HWY_ATTR {
    pack_rows<P>(w.recurrent + unit, w.hidden, {.rows = rows, .columns = w.hidden - unit}, units, packed);
    packed += padded<P>(rows) * units;
  });
}

template <class P>
int64_t RecurrentLoop<P>::packed_size_backward(int gates, int64_t hidden) {
  return vectors_over<V>(hidden) * V::kCount * padded<P>(hidden * gates);
}

#ifndef RECUR_COMPILES_RECURRENT_LOOP
#define RECUR_ELSEWHERE(P) extern template class RecurrentLoop<P>;
RECUR_FOR_EACH_OPERANDS(RECUR_ELSEWHERE)
#undef RECUR_ELSEWHERE
#endif

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
