// A tile of a matrix product, summed up in registers: what the recurrent loop and the large products are made of.
//
// A tile is a few rows of the left matrix times a panel, a few vectors wide, of the right one. Panels are packed so
// that a tile reads its panel in one run. Every element is one chain of fused additions over k, whatever tile it falls
// in: its bits do not depend on how a product is cut into tiles.
//
// V: a vector with load, store, arithmetic and fma (Lanes, or Scalar<T> for the reference).
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_TILE_INL_H_
#undef RECUR_KERNELS_TILE_INL_H_
#else
#define RECUR_KERNELS_TILE_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "recur/kernels/cpu/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// The rows of a tile whose every row takes `vectors` sums: as many as the registers hold beside weights and broadcast.
template <class V>
constexpr int rows_in_tile(int vectors) {
  const int sums = V::kCount >= 16 ? 24 : V::kCount == 8 ? 12 : 4;
  return std::clamp(sums / vectors, 1, V::kCount >= 8 ? 8 : 2);
}

// The rows of the next tile, for as few tiles as can be, cut evenly: 20 rows at most 6 to a tile are 5, 5, 5, 5.
HWY_INLINE int64_t next_tile(int64_t rows_left, int64_t most) {
  const int64_t tiles = (rows_left + most - 1) / most;
  return (rows_left + tiles - 1) / tiles;
}

HWY_INLINE void prefetch_to_l2(const void* at) { __builtin_prefetch(at, 0, 2); }
HWY_INLINE void prefetch_to_l1(const void* at) { __builtin_prefetch(at, 0, 3); }
HWY_INLINE void prefetch_to_write(const void* at) { __builtin_prefetch(at, 1, 3); }

// What a tile asks the cache for while it multiplies: its share of the weights that come next. Weights that do not fit
// the L2 cache are read anew at every step, and the hardware alone fetches them no faster than the first tile asks.
struct Ahead {
  const char* from = nullptr;
  int64_t bytes = 0;

  // The share of tile `index` of `count`.
  HWY_INLINE Ahead share(int64_t index, int64_t count) const {
    const int64_t size = (bytes + count - 1) / count, begin = std::min(bytes, index * size);
    return {from + begin, std::min(size, bytes - begin)};
  }
};

// sums[r][j] += left[r][k] * packed[k][j] over k; packed advances by `width` values for each k.
template <class V, int kRows, int kVectors>
HWY_INLINE void multiply_tile(const typename V::Value* const* left, const typename V::Value* packed, int64_t depth,
                              V (&sums)[kRows][kVectors], const Ahead& ahead = {},
                              int64_t width = kVectors * V::kCount) {
  const char* next = ahead.from;
  const int64_t stride = (ahead.bytes + depth - 1) / depth;  // often less than a line: asking twice costs nothing
  for (int64_t k = 0; k < depth; ++k, next += stride) {
    prefetch_to_l2(next);
    V weights[kVectors];
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) weights[j] = V::load(packed + k * width + j * V::kCount);
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
      const V value(left[r][k]);
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) sums[r][j] = fma(value, weights[j], sums[r][j]);
    }
  }
}

// One row: its few sums are too few to fill the pipeline, so even and odd k are summed apart.
template <class V, int kVectors>
HWY_INLINE void multiply_row(const typename V::Value* left, const typename V::Value* packed, int64_t depth,
                             V (&sums)[1][kVectors]) {
  V odd[kVectors];
  int64_t k = 0;
  for (; k + 1 < depth; k += 2) {
    const V first(left[k]), second(left[k + 1]);
    const typename V::Value* at = packed + k * kVectors * V::kCount;
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) {
      sums[0][j] = fma(first, V::load(at + j * V::kCount), sums[0][j]);
      odd[j] = fma(second, V::load(at + (kVectors + j) * V::kCount), odd[j]);
    }
  }
  if (k < depth) {
    const V last(left[k]);
    for (int j = 0; j < kVectors; ++j)
      sums[0][j] = fma(last, V::load(packed + (k * kVectors + j) * V::kCount), sums[0][j]);
  }
  for (int j = 0; j < kVectors; ++j) sums[0][j] = sums[0][j] + odd[j];
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
