// A streaming step, once for every cell, instruction set and format of weights: see stream.h.
//
// Cell: see nn/cells/cell.h. V: Lanes, or Scalar<float> for the reference. Included once per instruction set (no
// #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_STREAM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_STREAM_INL_H_
#undef RECUR_KERNELS_STREAM_INL_H_
#else
#define RECUR_KERNELS_STREAM_INL_H_
#endif

#include "recur/kernels/cpu/cpu_table.h"
#include "recur/kernels/stream_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::StreamKernels;

// Rows that share a load of the weights: as many as have their sums in registers.
template <class V>
constexpr int stream_rows(int vectors) {
  const int sums = V::kCount >= 16 ? 24 : 12;
  return std::max(1, sums / (vectors * chains_for(vectors)));
}

template <class Cell, class V, class Product>
class StreamTiles {
 public:
  static void run(const StreamStep& s) {
    const StreamTiles tiles(s);
    const int64_t panels = s.layout.panels;
    for (int64_t i = 0; i < panels; ++i) {
      const int64_t panel = s.last_panel_first ? panels - 1 - i : i;
      tiles.panel_of<kernels::widest_panel(G)>(panel, s.layout.width_of(panel));
    }
  }

 private:
  static constexpr int G = Cell::kGates;

  explicit HWY_INLINE StreamTiles(const StreamStep& s) : s_(s), panel_bytes_(s.layout.panel_bytes(s.layout.width)) {
    Product::prepare(s, x_, h_);
  }

  // A panel `width` wide, at most kWidth.
  template <int kWidth>
  HWY_INLINE void panel_of(int64_t panel, int64_t width) const {
    if constexpr (kWidth > 1)
      if (width < kWidth) return panel_of<kWidth - 1>(panel, width);
    constexpr int kRows = stream_rows<V>(G * kWidth);
    int64_t row = 0;
    if constexpr (kRows > 1)
      for (; row + kRows <= s_.rows; row += kRows) tile<kRows, kWidth>(panel, row);
    for (; row < s_.rows; ++row) tile<1, kWidth>(panel, row);
  }

  template <int kRows, int kWidth>
  HWY_INLINE void tile(int64_t panel, int64_t row) const {
    constexpr int kVectors = G * kWidth;
    constexpr int64_t N = kVectors * V::kCount;
    const float* constants = reinterpret_cast<const float*>(s_.packed + panel * panel_bytes_);
    const float* unit_weights = constants + 2 * N;
    const float* scales = unit_weights + Cell::kUnitWeights * kWidth * V::kCount;
    const bool integers = Product::kFormat == WeightFormat::kI8;
    const int32_t* offsets = reinterpret_cast<const int32_t*>(scales + 2 * N);
    const std::byte* weights = reinterpret_cast<const std::byte*>(integers ? scales + 4 * N : scales);
    V x[kRows][kVectors], r[kRows][kVectors];
    begin(constants, x);
    Product::template multiply<kRows, kVectors>(x_, row, {scales, offsets, weights}, x);
    weights += s_.layout.part_bytes(x_.inputs, kWidth);
    begin(constants + N, r);
    // The sums of x have a head start on h, which the step before has just made.
    if constexpr (!Cell::kSplit) take(x, r);
    Product::template multiply<kRows, kVectors>(h_, row, {scales + N, offsets + N, weights}, r);
#pragma GCC unroll 4
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 4
      for (int w = 0; w < kWidth; ++w)
        finish<kWidth>(x[i], r[i], w, unit_weights, row + i, (panel * s_.layout.width + w) * V::kCount);
  }

  template <int kRows, int kVectors>
  static HWY_INLINE void begin(const float* bias, V (&sums)[kRows][kVectors]) {
#pragma GCC unroll 4
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 12
      for (int j = 0; j < kVectors; ++j) sums[i][j] = V::load(bias + j * V::kCount);
  }

  // Where a cell knows x and r by their sum alone: all of it in r.
  template <int kRows, int kVectors>
  static HWY_INLINE void take(V (&x)[kRows][kVectors], V (&r)[kRows][kVectors]) {
#pragma GCC unroll 4
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 12
      for (int j = 0; j < kVectors; ++j) {
        r[i][j] = r[i][j] + x[i][j];
        x[i][j] = V(0.0f);
      }
  }

  template <int kWidth>
  HWY_INLINE void finish(const V (&x)[G * kWidth], const V (&r)[G * kWidth], int w, const float* unit_weights,
                         int64_t row, int64_t unit) const {
    V gx[G], gr[G], weights[Cell::kUnitWeights + 1], states[Cell::kStates], saved[Cell::kSaved + 1];
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      gx[g] = x[g * kWidth + w];
      gr[g] = r[g * kWidth + w];
    }
#pragma GCC unroll 4
    for (int p = 0; p < Cell::kUnitWeights; ++p) weights[p] = V::load(unit_weights + (p * kWidth + w) * V::kCount);
    if constexpr (Cell::kStates == 1) states[0] = V::load(s_.h + row * s_.h_stride + unit);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) states[k] = V::load(s_.inner[k] + row * s_.inner_stride + unit);
    Cell::template forward<V>(gx, gr, weights, states, saved);
    states[0].store(s_.next + row * s_.next_stride + unit);
#pragma GCC unroll 4
    for (int k = 1; k < Cell::kStates; ++k) states[k].store(s_.inner[k] + row * s_.inner_stride + unit);
  }

  const StreamStep& s_;
  int64_t panel_bytes_;
  typename Product::Rows x_, h_;
};

template <class V>
void stream_output(const float* gate, const float* inner, float* h, int64_t n) {
  for (int64_t i = 0; i < n; i += V::kCount)
    (V::load(gate + i, n - i) * tanh(V::load(inner + i, n - i))).store(h + i, n - i);
}

template <class Cell, class V, class Dot>
StreamKernels stream_kernels_with() {
  StreamKernels k;
  k.lanes = V::kCount;
  if constexpr (Cell::kOutputGate >= 0) k.output = stream_output<V>;
  if constexpr (Cell::kLateGates == 0) {
    k.step[static_cast<int>(WeightFormat::kF32)] = StreamTiles<Cell, V, FloatProduct<V, F32Weights<V>>>::run;
    k.step[static_cast<int>(WeightFormat::kBF16)] = StreamTiles<Cell, V, FloatProduct<V, Bf16Weights<V>>>::run;
    k.step[static_cast<int>(WeightFormat::kI8)] = StreamTiles<Cell, V, I8Product<V, Dot>>::run;
  }
  return k;
}

template <class Cell>
StreamKernels reference_stream_kernels() {
  return stream_kernels_with<Cell, Scalar<float>, ScalarDot>();
}

// By the fastest product of integers there is.
template <class Cell>
StreamKernels stream_kernels() {
#if HWY_TARGET == HWY_SCALAR
  return reference_stream_kernels<Cell>();
#else
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
  if (kernels::has_vnni(HWY_TARGET == HWY_AVX3)) return stream_kernels_with<Cell, Lanes, VnniDot>();
#endif
  return stream_kernels_with<Cell, Lanes, EmulatedDot>();
#endif
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
// As RECUR_CHOOSE_KERNELS, for the steps.
#define RECUR_CHOOSE_STREAM_KERNELS(Gates, function)                                              \
  (::recur::kernels::use_reference() ? HWY_STATIC_DISPATCH(reference_stream_kernels) < Gates > () \
                                     : HWY_DYNAMIC_DISPATCH(function)())
#endif

#endif  // toggled guard
