// Products of tiles (tile-inl.h) for all who multiply: the recurrent loop, the staged one and the large products. The
// code for each number of rows and vectors is compiled once for an instruction set, in tile_products.cc.
//
// P: the operands' precision (operands-inl.h). Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_TILE_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_TILE_PRODUCTS_INL_H_
#undef RECUR_KERNELS_TILE_PRODUCTS_INL_H_
#else
#define RECUR_KERNELS_TILE_PRODUCTS_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// Vectors that one piece of code multiplies; more are taken in turn.
inline constexpr int kMostTileVectors = 4;

// What becomes of a tile's sums.
enum class Into {
  kSet,   // they are stored
  kAdd,   // they are added to what is there
  kFrom,  // they begin with what is there
};

// Where the sums are: rows `stride` apart, of `columns` values; the last vector may have fewer than it could.
template <class T>
struct TileSums {
  T* at;
  int64_t stride;
  int64_t columns;
  Into into = Into::kSet;
  const T* bias = nullptr;  // [columns], added to all rows in the end, or null

  const T* bias_from(int64_t column) const { return bias == nullptr ? nullptr : bias + column; }
};

// A panel has at most so many vectors.
inline constexpr int kMostPanelVectors = 8;

// The rows that a tile has at most, for any number of vectors.
template <class P>
inline constexpr int kMostTileRows = rows_in_tile<P>(1);
// Values of the sums of a tile of any size.
template <class P>
inline constexpr int64_t kMostTileSums = P::Vector::kCount*(P::kInMatrixUnit ? kMostTileRows<P>* kMostPanelVectors
                                                                             : std::max(P::kSums, kMostPanelVectors));

template <class P>
class TileProducts {
 public:
  using V = typename P::Vector;
  using T = typename V::Value;
  using Tiles = typename P::Tiles;

  // Rows of the left operand times a panel, in tiles. alone: of one row that is never one of several, which may be
  // summed in its own order.
  static void multiply(const TileOperands<P>& at, Tiles& tiles, int64_t rows, bool alone, const TileSums<T>& to,
                       Ahead& ahead);

 private:
  using Function = void (*)(const TileOperands<P>& at, Tiles& tiles, int64_t rows, const TileSums<T>& to, Ahead& ahead);

  // kRows rows or, in a matrix unit, `rows`, which are at most as many. All columns of all vectors are there.
  template <int kRows, int kVectors, bool kAlone>
  static void tile(const TileOperands<P>& at, Tiles& tiles, int64_t rows, const TileSums<T>& to, Ahead& ahead) {
    V sums[kRows][kVectors];
    if (to.into == Into::kFrom) {
      for_each<kRows, kVectors>(rows, [&](int64_t r, int64_t j) RECUR_INLINE_LAMBDA {
        sums[r][j] = V::load(to.at + r * to.stride + j * V::kCount);
      });
    } else {
      if constexpr (!P::kInMatrixUnit && kRows > 1) request<kRows, kVectors>(to);
      for_each<kRows, kVectors>(rows, [&](int64_t r, int64_t j) RECUR_INLINE_LAMBDA { sums[r][j] = V(0); });
    }
    for (const TileOperands<P>* part = &at; part != nullptr; part = part->then) {
      if constexpr (kAlone)
        multiply_row<P, kVectors>(*part, sums);
      else
        multiply_tile<P>(*part, tiles, rows, ahead, sums);
    }
    if (to.into == Into::kAdd) {
      for_each<kRows, kVectors>(rows, [&](int64_t r, int64_t j) RECUR_INLINE_LAMBDA {
        sums[r][j] = sums[r][j] + V::load(to.at + r * to.stride + j * V::kCount);
      });
    }
    if (to.bias != nullptr) {
      for_each<kRows, kVectors>(rows, [&](int64_t r, int64_t j) RECUR_INLINE_LAMBDA {
        sums[r][j] = sums[r][j] + V::load(to.bias + j * V::kCount);
      });
    }
    for_each<kRows, kVectors>(rows, [&](int64_t r, int64_t j) RECUR_INLINE_LAMBDA {
      sums[r][j].store(to.at + r * to.stride + j * V::kCount);
    });
  }

  // Asks for where the sums will go: rows far from each other, which the hardware does not foresee.
  template <int kRows, int kVectors>
  static HWY_INLINE void request(const TileSums<T>& to) {
#pragma GCC unroll 12
    for (int64_t r = 0; r < kRows; ++r) {
      prefetch_to_write(to.at + r * to.stride);
      prefetch_to_write(to.at + r * to.stride + kVectors * V::kCount - 1);
    }
  }

  // Calls f(row, vector) for all sums, each with code of its own where they are registers: f is a lambda that has to be
  // inlined, or they would be in memory.
  template <int kRows, int kVectors, class F>
  static HWY_INLINE void for_each([[maybe_unused]] int64_t rows, const F& f) {
    if constexpr (P::kInMatrixUnit) {
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t j = 0; j < kVectors; ++j) f(r, j);
    } else {
#pragma GCC unroll 12
      for (int64_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
        for (int64_t j = 0; j < kVectors; ++j) f(r, j);
      }
    }
  }

  template <int kRows, int kVectors>
  static constexpr Function function_of() {
    constexpr int kMost = rows_in_tile<P>(kVectors);
    if constexpr (kRows <= kMost)
      return tile < P::kInMatrixUnit ? kMost : kRows, kVectors, false > ;
    else
      return nullptr;
  }
  // The functions for 1, 2, ... rows, and in the first place that for one row alone.
  template <int kVectors, int... kRows>
  static constexpr std::array<Function, kMostTileRows<P> + 1> of_rows(std::integer_sequence<int, kRows...>) {
    return {tile<1, kVectors, true>, function_of<kRows + 1, kVectors>()...};
  }
  template <int... kVectors>
  static constexpr std::array<std::array<Function, kMostTileRows<P> + 1>, kMostTileVectors> of_vectors(
      std::integer_sequence<int, kVectors...>) {
    return {of_rows<kVectors + 1>(std::make_integer_sequence<int, kMostTileRows<P>>())...};
  }

  static void multiply_few(const TileOperands<P>& all, Tiles& tiles, int64_t rows, bool alone, const TileSums<T>& sums,
                           Ahead& ahead);
  static void multiply_partly(Function function, const TileOperands<P>& at, Tiles& tiles, int64_t rows,
                              const TileSums<T>& to, Ahead& ahead);
};

// Not in the class, where they would be inline and compiled wherever they are called.

template <class P>
void TileProducts<P>::multiply(const TileOperands<P>& at, Tiles& tiles, int64_t rows, bool alone, const TileSums<T>& to,
                               Ahead& ahead) {
  constexpr int64_t kWidest = kMostTileVectors * V::kCount;
  if (to.columns <= kWidest) return multiply_few(at, tiles, rows, alone, to, ahead);
  for (int64_t column = 0; column < to.columns; column += kWidest) {
    const int64_t skip = column / V::kCount * P::kPanelSize;
    TileOperands<P> first = at, second;
    first.packed += skip;
    if (at.then != nullptr) {
      second = *at.then;
      second.packed += skip;
      first.then = &second;
    }
    multiply_few(first, tiles, rows, alone,
                 {to.at + column, to.stride, std::min(kWidest, to.columns - column), to.into, to.bias_from(column)},
                 ahead);
  }
}

template <class P>
void TileProducts<P>::multiply_few(const TileOperands<P>& all, Tiles& tiles, int64_t rows, bool alone,
                                   const TileSums<T>& sums, Ahead& ahead) {
  static constexpr auto kFunctions = of_vectors(std::make_integer_sequence<int, kMostTileVectors>());
  const int64_t vectors = (sums.columns + V::kCount - 1) / V::kCount;
  const bool partly = vectors * V::kCount != sums.columns;
  const auto& functions = kFunctions[static_cast<size_t>(vectors - 1)];
  if (alone && !partly) return functions[0](all, tiles, 1, sums, ahead);  // at once: there is little to do for one row
  const int64_t most = rows_in_tile<P>(static_cast<int>(vectors));
  TileOperands<P> at = all, second;
  TileSums<T> to = sums;
  if (at.then != nullptr) at.then = &(second = *at.then);
  for (int64_t size; rows > 0; rows -= size) {
    size = next_tile(rows, most);
    const Function function = functions[static_cast<size_t>(alone ? 0 : size)];
    if (partly)
      multiply_partly(function, at, tiles, size, to, ahead);
    else
      function(at, tiles, size, to, ahead);
    at.left.at += size * at.left.stride;
    if (at.then != nullptr) second.left.at += size * second.left.stride;
    to.at += size * to.stride;
  }
}

// The last vector's columns that are not there would be written beyond the end of a row.
template <class P>
void TileProducts<P>::multiply_partly(Function function, const TileOperands<P>& at, Tiles& tiles, int64_t rows,
                                      const TileSums<T>& to, Ahead& ahead) {
  const int64_t width = (to.columns + V::kCount - 1) / V::kCount * V::kCount;
  alignas(64) T sums[kMostTileSums<P>];
  const auto for_all = [&](const auto& f) HWY_ATTR {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < to.columns; j += V::kCount) f(sums + r * width + j, to.at + r * to.stride + j, j);
  };
  if (to.into == Into::kFrom)
    for_all([&](T* sum, const T* there, int64_t j) HWY_ATTR { V::load(there, to.columns - j).store(sum); });
  function(at, tiles, rows, {sums, width, width, to.into == Into::kFrom ? Into::kFrom : Into::kSet}, ahead);
  for_all([&](const T* sum, T* there, int64_t j) HWY_ATTR {
    const int64_t n = to.columns - j;
    V total = V::load(sum);
    if (to.into == Into::kAdd) total = total + V::load(there, n);
    if (to.bias != nullptr) total = total + V::load(to.bias + j, n);
    total.store(there, n);
  });
}

#ifndef RECUR_COMPILES_TILE_PRODUCTS
#define RECUR_ELSEWHERE(P) extern template class TileProducts<P>;
RECUR_FOR_EACH_OPERANDS(RECUR_ELSEWHERE)
#undef RECUR_ELSEWHERE
#endif

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
