// A tile of a matrix product, summed up in registers: what the recurrent loop and the large products are made of, by
// way of tile_products-inl.h.
//
// A tile is a few rows of the left matrix times a panel, a few vectors wide, of the right one. Panels are packed so
// that a tile reads its panel in one run. Every element is one chain of fused additions over k, whatever tile it falls
// in: its bits do not depend on how a product is cut into tiles. Where the CPU has a matrix unit for P (tiles.h), the
// sums are its own, with the same promise.
//
// P: the operands' precision (operands-inl.h). Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_TILE_INL_H_
#undef RECUR_KERNELS_TILE_INL_H_
#else
#define RECUR_KERNELS_TILE_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "recur/kernels/operands-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// The rows of a tile whose every row takes `vectors` sums: as many as the registers hold beside weights and broadcast.
template <class P>
constexpr int rows_in_tile(int vectors) {
  if (P::kInMatrixUnit) return kernels::kTileRows;
  return std::clamp(P::kSums / vectors, 1, P::Vector::kCount >= 8 ? 8 : 2);
}

// A lambda that has to be inlined, as its caller's sums are registers.
#define RECUR_INLINE_LAMBDA HWY_ATTR __attribute__((always_inline))

// The tiles of so many rows, of so many vectors of sums each.
template <class P>
constexpr int64_t tiles_over(int64_t rows, int64_t vectors) {
  const int most = rows_in_tile<P>(static_cast<int>(vectors));
  return (rows + most - 1) / most;
}

// The rows of the next tile, for as few tiles as can be, cut evenly: 20 rows at most 6 to a tile are 5, 5, 5, 5.
HWY_INLINE int64_t next_tile(int64_t rows_left, int64_t most) {
  const int64_t tiles = (rows_left + most - 1) / most;
  return (rows_left + tiles - 1) / tiles;
}

// Steps of a product over `count` values of k, and the values that they take.
template <class P>
constexpr int64_t steps_over(int64_t count) {
  constexpr int64_t kAtOnce = P::kStepsAtOnce * P::kDepth;
  return (count + kAtOnce - 1) / kAtOnce * P::kStepsAtOnce;
}
template <class P>
constexpr int64_t padded(int64_t count) {
  return steps_over<P>(count) * P::kDepth;
}

HWY_INLINE void prefetch_to_l2(const void* at) { __builtin_prefetch(at, 0, 2); }
HWY_INLINE void prefetch_to_l1(const void* at) { __builtin_prefetch(at, 0, 3); }
HWY_INLINE void prefetch_to_write(const void* at) { __builtin_prefetch(at, 1, 3); }

// What tiles ask the cache for while they multiply, a part at each of their steps: the weights that come next. Weights
// that do not fit the L2 cache are read anew at every step, and the hardware alone fetches them no faster than the
// first tile asks.
class Ahead {
 public:
  Ahead() = default;
  // `bytes` from `from` on in so many steps of tiles; often less than a line at a step, which costs nothing.
  HWY_INLINE Ahead(const void* from, int64_t bytes, int64_t steps)
      : next_(static_cast<const char*>(from)), stride_(steps > 0 ? (bytes + steps - 1) / steps : 0) {}

  HWY_INLINE void ask() {
    prefetch_to_l2(next_);
    next_ += stride_;
  }

 private:
  const char* next_ = nullptr;
  int64_t stride_ = 0;
};

// Rows of a product's left operand.
template <class E>
struct LeftRows {
  const E* at = nullptr;
  int64_t stride = 0;
};

// What a tile multiplies. The panel advances by `width` values a step.
template <class P>
struct TileOperands {
  LeftRows<typename P::Element> left;
  const typename P::Element* packed;
  int64_t width;
  int64_t steps;
  const TileOperands* then = nullptr;  // summed up with it, after it

  int64_t all_steps() const { return steps + (then != nullptr ? then->steps : 0); }
};

// sums[r][j] += left[r][k] * packed[k][j] over all steps of k, for kRows rows.
template <class P, int kRows, int kVectors>
HWY_INLINE void multiply_in_registers(const TileOperands<P>& at, Ahead& ahead,
                                      typename P::Vector (&sums)[kRows][kVectors]) {
  using Panel = typename P::Panel;
  const typename P::Element *left[kRows], *packed = at.packed;
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) left[r] = at.left.at + r * at.left.stride;
  Ahead asking = ahead;  // in registers
  for (int64_t k = 0; k < at.steps; ++k, packed += at.width) {
    asking.ask();
    // Of rows and vectors, the fewer stay in registers while the others pass by one at a time: with 12 sums of the 16
    // registers of AVX2, the other way round a sum would be in memory.
    if constexpr (kRows < kVectors) {
      Panel values[kRows];
#pragma GCC unroll 12
      for (int r = 0; r < kRows; ++r) values[r] = P::broadcast(left[r] + k * P::kDepth);
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) {
        const Panel weights = P::panel(packed + j * P::kPanelSize);
#pragma GCC unroll 12
        for (int r = 0; r < kRows; ++r) sums[r][j] = P::multiply_add(values[r], weights, sums[r][j]);
      }
    } else {
      Panel weights[kVectors];
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) weights[j] = P::panel(packed + j * P::kPanelSize);
#pragma GCC unroll 12
      for (int r = 0; r < kRows; ++r) {
        const Panel value = P::broadcast(left[r] + k * P::kDepth);
#pragma GCC unroll 8
        for (int j = 0; j < kVectors; ++j) sums[r][j] = P::multiply_add(value, weights[j], sums[r][j]);
      }
    }
  }
  ahead = asking;
}

// The same for `rows` rows: kRows or, in a matrix unit, at most as many. What comes ahead the unit does not ask for: it
// reads a tile at a time.
template <class P, int kRows, int kVectors>
HWY_INLINE void multiply_tile(const TileOperands<P>& at, typename P::Tiles& tiles, [[maybe_unused]] int64_t rows,
                              [[maybe_unused]] Ahead& ahead, typename P::Vector (&sums)[kRows][kVectors]) {
  if constexpr (P::kInMatrixUnit)
    tiles.template multiply<kVectors>({.left = at.left.at,
                                       .left_stride = at.left.stride * static_cast<int64_t>(sizeof(*at.left.at)),
                                       .packed = at.packed,
                                       .packed_stride = at.width * static_cast<int64_t>(sizeof(*at.packed)),
                                       .rows = rows,
                                       .depth = at.steps * P::kDepth,
                                       .sums = reinterpret_cast<float*>(sums)});
  else
    multiply_in_registers<P>(at, ahead, sums);
}

// One row: its few sums are too few to fill the pipeline, so even and odd steps are summed apart.
template <class P, int kVectors>
HWY_INLINE void multiply_row(const TileOperands<P>& at, typename P::Vector (&sums)[1][kVectors]) {
  const typename P::Element *left = at.left.at, *packed = at.packed;
  typename P::Vector odd[kVectors];
#pragma GCC unroll 8
  for (int j = 0; j < kVectors; ++j) odd[j] = typename P::Vector(0);
  int64_t k = 0;
  for (; k + 1 < at.steps; k += 2, packed += 2 * at.width) {
    const typename P::Panel first = P::broadcast(left + k * P::kDepth),
                            second = P::broadcast(left + (k + 1) * P::kDepth);
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) {
      sums[0][j] = P::multiply_add(first, P::panel(packed + j * P::kPanelSize), sums[0][j]);
      odd[j] = P::multiply_add(second, P::panel(packed + at.width + j * P::kPanelSize), odd[j]);
    }
  }
  if (k < at.steps) {
    const typename P::Panel last = P::broadcast(left + k * P::kDepth);
    for (int j = 0; j < kVectors; ++j)
      sums[0][j] = P::multiply_add(last, P::panel(packed + j * P::kPanelSize), sums[0][j]);
  }
  for (int j = 0; j < kVectors; ++j) sums[0][j] = sums[0][j] + odd[j];
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
