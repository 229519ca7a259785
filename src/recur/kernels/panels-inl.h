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
#include "recur/kernels/tile_products-inl.h"

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

// c [rows, columns] = left [rows, depth] times a packed operand [depth, columns], plus bias, or added to c.
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

// A stretch of the depth of one panel.
template <class P>
struct PanelPlace {
  LeftRows<typename P::Element> left;  // from its first row on
  const typename P::Element* panel;
  int64_t steps;
  int64_t column;
  bool first;  // stretch of the panel
};

// All rows times one panel, of which only the vectors that hold columns are multiplied.
template <class P>
void multiply_panel(const PanelProduct<P>& g, const PanelPlace<P>& at, typename P::Tiles& tiles, Ahead ahead) {
  const int64_t columns = std::min(panel_width<P>(), g.columns - at.column);
  const bool bias = at.first && g.bias != nullptr;
  typename P::Vector::Value* c = g.c + at.column;
  if (bias)
    for (int64_t r = 0; r < g.rows; ++r) std::copy_n(g.bias + at.column, columns, c + r * g.c_stride);
  const Into into = bias ? Into::kFrom : g.add || !at.first ? Into::kAdd : Into::kSet;
  TileProducts<P>::multiply(
      {.left = at.left, .packed = at.panel, .width = panel_vectors<P>() * P::kPanelSize, .steps = at.steps}, tiles,
      g.rows, g.alone, {c, g.c_stride, columns, into}, ahead);
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
          g, {.left = {left.at + from, left.stride}, .panel = panel, .steps = steps, .column = column, .first = first},
          tiles,
          Ahead(next, size * static_cast<int64_t>(sizeof(typename P::Element)),
                tiles_over<P>(g.rows, panel_vectors<P>()) * steps));
      panel += size;
    }
}

template <class P>
void multiply_panels(const PanelProduct<P>& g) {
  using E = typename P::Element;
  if (g.rows <= 0) return;
  if constexpr (P::kAsItIs) {
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
