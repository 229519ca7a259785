// Products whose right operand is packed once and used many times, as recurrent weights are at every time step.
//
// P: the operands' precision (operands-inl.h). Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_PANELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_PANELS_INL_H_
#undef RECUR_KERNELS_PANELS_INL_H_
#else
#define RECUR_KERNELS_PANELS_INL_H_
#endif

#include <algorithm>
#include <type_traits>

#include "recur/kernels/pack-inl.h"
#include "recur/kernels/scratch.h"
#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// Vectors of a panel, and its columns.
template <class P>
constexpr int panel_vectors() {
  return P::Vector::kCount >= 16 ? 4 : P::Vector::kCount > 1 ? 2 : 1;
}
template <class P>
constexpr int64_t panel_width() {
  return panel_vectors<P>() * P::Vector::kCount;
}

// Elements of a right operand [size.rows, size.columns] in panels: packed[panel][step][column in the panel][k].
template <class P>
int64_t panels_size(Extent size) {
  return (size.columns + panel_width<P>() - 1) / panel_width<P>() * panel_width<P>() * padded<P>(size.rows);
}

// From [rows, columns] as it is to be multiplied.
template <class P>
void pack_panels(const typename P::Vector::Value* right, Extent size, typename P::Element* packed) {
  constexpr int64_t kWidth = panel_width<P>();
  for (int64_t panel = 0; panel < size.columns; panel += kWidth, packed += padded<P>(size.rows) * kWidth)
    pack_rows<P>(right + panel, size.columns, {.rows = size.rows, .columns = size.columns - panel}, kWidth, packed);
}

// From its transpose [columns, rows].
template <class P>
void pack_panels_transposed(const typename P::Vector::Value* right, Extent size, typename P::Element* packed) {
  using T = typename P::Vector::Value;
  constexpr int64_t kWidth = panel_width<P>(), kAtOnce = 64;  // rows whose transpose stays in the L1 cache
  const kernels::Scratch<T> scratch(kAtOnce * kWidth);
  for (int64_t panel = 0; panel < size.columns; panel += kWidth) {
    const int64_t count = std::min(kWidth, size.columns - panel);
    for (int64_t k = 0; k < size.rows; k += kAtOnce) {
      const int64_t rows = std::min(kAtOnce, size.rows - k);
      if (count < kWidth) std::fill_n(scratch.data(), kAtOnce * kWidth, T(0));
      transpose(right + panel * size.rows + k, size.rows, {.rows = count, .columns = rows}, scratch.data(), kWidth);
      pack_rows<P>(scratch.data(), kWidth, {.rows = rows, .columns = kWidth}, kWidth, packed);
      packed += padded<P>(rows) * kWidth;
    }
  }
}

// c [rows, columns] = left [rows, depth] times a packed operand [depth, columns], plus bias, or all that added to c.
template <class P>
struct PanelProduct {
  using T = typename P::Vector::Value;

  int64_t rows, depth, columns;
  const T* left;
  int64_t left_stride;
  const typename P::Element* panels;
  const T* bias = nullptr;  // [columns], or null for zeros
  T* c;
  int64_t c_stride;
  bool add = false;
  bool alone = false;  // one row, and never one of several: it may be summed in its own order
};

template <class P>
struct PanelPlace {
  LeftRows<typename P::Element> left;  // from the tile's first row on
  const typename P::Element* panel;
  int64_t steps;
  int64_t row, column;
  bool add, bias;
  Ahead ahead;
  typename P::Tiles* tiles;
};

// `rows`: kRows or, in a matrix unit, at most as many.
template <class P, int kRows, int kVectors>
void multiply_place(int64_t rows, const PanelProduct<P>& g, const PanelPlace<P>& at) {
  using V = typename P::Vector;
  V sums[kRows][kVectors];
  bool done = false;
  if constexpr (kRows == 1 && kVectors == panel_vectors<P>()) {
    done = g.alone;
    if (g.alone) multiply_row<P, kVectors>(at.left.at, at.panel, at.steps, sums);
  }
  if (!done)
    multiply_tile<P>({.left = at.left,
                      .packed = at.panel,
                      .width = panel_vectors<P>() * P::kPanelSize,
                      .steps = at.steps,
                      .ahead = at.ahead},
                     *at.tiles, rows, sums);
  const int64_t n = g.columns - at.column;
#pragma GCC unroll 8
  for (int j = 0; j < kVectors; ++j) {
    const int64_t left_over = n - j * V::kCount;
    if (left_over <= 0) break;
    V bias;
    if (at.bias) bias = V::load(g.bias + at.column + j * V::kCount, left_over);
    for_each_row<P, kRows>(rows, [&](int64_t r) RECUR_INLINE_LAMBDA {
      typename V::Value* c = g.c + (at.row + r) * g.c_stride + at.column + j * V::kCount;
      if (at.bias) sums[r][j] = sums[r][j] + bias;
      if (at.add) sums[r][j] = sums[r][j] + V::load(c, left_over);
      sums[r][j].store(c, left_over);
    });
  }
}

template <class P, int kVectors, int kRows = rows_in_tile<P>(kVectors)>
HWY_INLINE void multiply_rows(int64_t rows, const PanelProduct<P>& g, const PanelPlace<P>& at) {
  if constexpr (P::kInMatrixUnit) {
    if (g.alone) return multiply_place<P, 1, kVectors>(rows, g, at);
  } else if constexpr (kRows > 1) {
    if (rows < kRows) return multiply_rows<P, kVectors, kRows - 1>(rows, g, at);
  }
  multiply_place<P, kRows, kVectors>(rows, g, at);
}

// All rows times one panel, of which only the vectors that hold columns are multiplied.
template <class P, int kVectors = panel_vectors<P>()>
void multiply_panel(const PanelProduct<P>& g, PanelPlace<P> at, const Ahead& ahead) {
  if constexpr (kVectors > 1) {
    if (g.columns - at.column <= (kVectors - 1) * P::Vector::kCount)
      return multiply_panel<P, kVectors - 1>(g, at, ahead);
  }
  constexpr int64_t kMost = rows_in_tile<P>(kVectors);
  const int64_t tiles = (g.rows + kMost - 1) / kMost;
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t count = next_tile(g.rows - at.row, kMost);
    at.ahead = ahead.share(i, tiles);
    multiply_rows<P, kVectors>(count, g, at);
    at.row += count;
    at.left.at += count * at.left.stride;
  }
}

// The depth is cut so that a panel's part stays in the L2 cache for all rows.
template <class P>
void multiply_panels_from(const PanelProduct<P>& g, const LeftRows<typename P::Element>& left) {
  constexpr int64_t kStretch = 512 * P::kDepth, kLine = panel_vectors<P>() * P::kPanelSize;
  const typename P::Element* panel = g.panels;
  typename P::Tiles tiles;
  for (int64_t column = 0; column < g.columns; column += panel_width<P>())
    for (int64_t from = 0; from < g.depth; from += kStretch) {
      const int64_t steps = steps_over<P>(std::min(kStretch, g.depth - from)), size = steps * kLine;
      const bool first = from == 0;
      const bool last = from + kStretch >= g.depth && column + panel_width<P>() >= g.columns;
      const typename P::Element* next = last ? g.panels : panel + size;  // which the next product begins with
      multiply_panel<P>(
          g,
          {.left = {left.at + from, left.stride},
           .panel = panel,
           .steps = steps,
           .row = 0,
           .column = column,
           .add = g.add || !first,
           .bias = first && g.bias != nullptr,
           .ahead = {},
           .tiles = &tiles},
          {reinterpret_cast<const char*>(next), size * static_cast<int64_t>(sizeof(typename P::Element))});
      panel += size;
    }
}

template <class P>
void multiply_panels(const PanelProduct<P>& g) {
  using E = typename P::Element;
  if (g.rows <= 0) return;
  if constexpr (std::is_same_v<E, typename P::Vector::Value>) {
    multiply_panels_from(g, {g.left, g.left_stride});
  } else {
    const kernels::Scratch<E> left(g.rows * padded<P>(g.depth));
    store_rows<P>(g.left, g.left_stride, {.rows = g.rows, .columns = g.depth}, left.data());
    multiply_panels_from(g, {left.data(), padded<P>(g.depth)});
  }
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
