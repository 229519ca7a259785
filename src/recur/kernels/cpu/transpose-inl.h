// The transpose of a matrix, four rows by one vector at a time in registers.
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_CPU_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_CPU_TRANSPOSE_INL_H_
#undef RECUR_KERNELS_CPU_TRANSPOSE_INL_H_
#else
#define RECUR_KERNELS_CPU_TRANSPOSE_INL_H_
#endif

#include <cstdint>
#include <cstring>

#include "recur/kernels/cpu/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

struct Extent {
  int64_t rows, columns;
};

#if HWY_TARGET != HWY_SCALAR
// Four rows' vectors to columns: to[c * stride + r] for kLanes columns c and rows r of 4. Within each block of 128 bits
// the four by four values are exchanged in registers.
HWY_INLINE void transpose_four(const float* from, int64_t from_stride, float* to, int64_t to_stride) {
  using PairTag = hn::Repartition<double, FloatTag>;
  const FloatTag f;
  const PairTag d;
  const auto a = hn::LoadU(f, from), b = hn::LoadU(f, from + from_stride);
  const auto c = hn::LoadU(f, from + 2 * from_stride), e = hn::LoadU(f, from + 3 * from_stride);
  const auto ab_low = hn::BitCast(d, hn::InterleaveLower(f, a, b)),
             ab_high = hn::BitCast(d, hn::InterleaveUpper(f, a, b));
  const auto ce_low = hn::BitCast(d, hn::InterleaveLower(f, c, e)),
             ce_high = hn::BitCast(d, hn::InterleaveUpper(f, c, e));
  HWY_ALIGN float columns[4][kLanes];
  hn::Store(hn::BitCast(f, hn::InterleaveLower(d, ab_low, ce_low)), f, columns[0]);
  hn::Store(hn::BitCast(f, hn::InterleaveUpper(d, ab_low, ce_low)), f, columns[1]);
  hn::Store(hn::BitCast(f, hn::InterleaveLower(d, ab_high, ce_high)), f, columns[2]);
  hn::Store(hn::BitCast(f, hn::InterleaveUpper(d, ab_high, ce_high)), f, columns[3]);
  for (int64_t block = 0; block < kLanes; block += 4)
#pragma GCC unroll 4
    for (int64_t i = 0; i < 4; ++i) std::memcpy(to + (block + i) * to_stride, columns[i] + block, 4 * sizeof(float));
}

#endif

// to[c][r] = from[r][c] for a matrix of `size`, rows of either matrix `stride` apart.
template <class T>
void transpose(const T* from, int64_t from_stride, Extent size, T* to, int64_t to_stride) {
  for (int64_t r = 0; r < size.rows; ++r)
    for (int64_t c = 0; c < size.columns; ++c) to[c * to_stride + r] = from[r * from_stride + c];
}

HWY_INLINE void transpose(const float* from, int64_t from_stride, Extent size, float* to, int64_t to_stride) {
  const auto one_by_one = [&](int64_t row_begin, int64_t row_end, int64_t begin, int64_t end) {
    for (int64_t r = row_begin; r < row_end; ++r)
      for (int64_t c = begin; c < end; ++c) to[c * to_stride + r] = from[r * from_stride + c];
  };
  constexpr int64_t kRowsAtOnce = 64;  // of these, the lines written stay in the L1 cache
  for (int64_t top = 0; top < size.rows; top += kRowsAtOnce) {
    const int64_t bottom = std::min(size.rows, top + kRowsAtOnce);
    int64_t column = 0;
#if HWY_TARGET != HWY_SCALAR
    const int64_t whole = bottom - (bottom - top) % 4;
    for (; column + kLanes <= size.columns; column += kLanes) {
      for (int64_t row = top; row < whole; row += 4) {
        const float* at = from + row * from_stride + column;
        // The hardware does not see that the next columns of these rows follow.
        for (int64_t i = 0; i < 4; ++i) __builtin_prefetch(at + i * from_stride + kLanes);
        transpose_four(at, from_stride, to + column * to_stride + row, to_stride);
      }
      one_by_one(whole, bottom, column, column + kLanes);
    }
#endif
    one_by_one(top, bottom, column, size.columns);
  }
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
