// Operands of a product, put in the order and the precision in which a tile reads them.
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_PACK_INL_H_
#undef RECUR_KERNELS_PACK_INL_H_
#else
#define RECUR_KERNELS_PACK_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "recur/kernels/cpu/transpose-inl.h"
#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// Rows of a left operand, `stride` apart, each filled up with zeros to a whole step.
template <class P>
void store_rows(const typename P::Vector::Value* from, int64_t stride, Extent size, typename P::Element* to) {
  using V = typename P::Vector;
  const int64_t n = size.columns, to_stride = padded<P>(n);
  for (int64_t row = 0; row < size.rows; ++row, from += stride, to += to_stride) {
    for (int64_t i = 0; i < n; i += V::kCount) P::store(V::load(from + i, n - i), to + i, n - i);
    std::fill(to + n, to + to_stride, typename P::Element());
  }
}

// Rows of a right operand, `stride` apart, as a panel `width` wide: packed[step][column][k], zeros beyond its columns
// and after its rows.
template <class P>
void pack_rows(const typename P::Vector::Value* from, int64_t stride, Extent size, int64_t width,
               typename P::Element* packed) {
  constexpr int64_t kCount = P::Vector::kCount;
  for (int64_t k = 0; k < size.rows; k += P::kDepth)
    for (int64_t j = 0; j < width; j += kCount, packed += P::kPanelSize)
      P::pack(from + k * stride + j, stride, size.rows - k, std::clamp<int64_t>(size.columns - j, 0, kCount), packed);
  const int64_t steps = (size.rows + P::kDepth - 1) / P::kDepth;
  std::fill_n(packed, (steps_over<P>(size.rows) - steps) * width * P::kDepth, typename P::Element());
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
