// The products of a streaming step for the three formats of weights, over a vector type V (Lanes or Scalar<float>).
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_STREAM_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_STREAM_PRODUCT_INL_H_
#undef RECUR_KERNELS_STREAM_PRODUCT_INL_H_
#else
#define RECUR_KERNELS_STREAM_PRODUCT_INL_H_
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/quantize.h"
#include "recur/kernels/ref/scalar_math.h"
#include "recur/kernels/stream.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::StreamStep;
using kernels::WeightFormat;

// One product of a panel: its packed weights, and what I8 alone has with them.
struct PanelPart {
  const float* scale;
  const int32_t* offset;
  const std::byte* weights;
};

// --- weights of floating point ------------------------------------------------------------------------------------

// The left operand: row r begins at data + r * stride.
struct FloatRows {
  const float* data;
  int64_t stride, inputs;
};

// Two vectors of bf16 weights: input k in the low halves of the lanes, input k + 1 in the high halves.
HWY_INLINE void load_pair(const std::byte* from, Lanes (&weights)[2]) {
  using Tag = hn::RebindToUnsigned<FloatTag>;
  const auto pair = hn::LoadU(Tag(), reinterpret_cast<const uint32_t*>(from));
  weights[0] = hn::BitCast(FloatTag(), hn::ShiftLeft<16>(pair));
  weights[1] = hn::BitCast(FloatTag(), hn::And(pair, hn::Set(Tag(), 0xffff0000u)));
}
inline void load_pair(const std::byte* from, Scalar<float> (&weights)[2]) {
  uint32_t pair;
  std::memcpy(&pair, from, sizeof pair);
  weights[0] = std::bit_cast<float>(pair << 16);
  weights[1] = std::bit_cast<float>(pair & 0xffff0000u);
}

template <class V>
struct F32Weights {
  static constexpr WeightFormat kFormat = WeightFormat::kF32;
  static constexpr int kTogether = 1;
  static HWY_INLINE void load(const std::byte* from, V (&weights)[1]) {
    weights[0] = V::load(reinterpret_cast<const float*>(from));
  }
};

template <class V>
struct Bf16Weights {
  static constexpr WeightFormat kFormat = WeightFormat::kBF16;
  static constexpr int kTogether = 2;
  static HWY_INLINE void load(const std::byte* from, V (&weights)[2]) { load_pair(from, weights); }
};

// How many sums each output is split into (over k), so that one row keeps the pipeline filled. The same for every
// number of rows: what a stream computes must not depend on its neighbours.
constexpr int chains_for(int vectors) { return vectors >= 8 ? 1 : vectors >= 4 ? 2 : vectors >= 2 ? 4 : 8; }

template <class V, class Weights>
struct FloatProduct {
  using Rows = FloatRows;
  static constexpr WeightFormat kFormat = Weights::kFormat;

  static HWY_INLINE void prepare(const StreamStep& s, Rows& x, Rows& h) {
    x = {s.x, s.x_stride, s.layout.input};
    h = {s.h, s.h_stride, s.layout.recurrent};
  }

  // sums += left * weights for rows first .. first + kRows - 1.
  template <int kRows, int kVectors>
  static HWY_INLINE void multiply(const Rows& left, int64_t first, const PanelPart& part, V (&sums)[kRows][kVectors]) {
    constexpr int kChains = chains_for(kVectors), kTogether = Weights::kTogether;
    constexpr int kInputs = std::max(kChains, 4);  // a round of the loop
    V chains[kChains][kRows][kVectors];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 12
      for (int j = 0; j < kVectors; ++j) {
        chains[0][r][j] = sums[r][j];
#pragma GCC unroll 8
        for (int c = 1; c < kChains; ++c) chains[c][r][j] = V(0);
      }
    const float* row[kRows];
    for (int r = 0; r < kRows; ++r) row[r] = left.data + (first + r) * left.stride;
    const std::byte* weights = part.weights;
    int64_t k = 0;
    for (; k + kInputs <= left.inputs; k += kInputs)
#pragma GCC unroll 8
      for (int i = 0; i < kInputs; i += kTogether, weights += kBytes * kVectors)
        add<kTogether>(row, k + i, i, weights, chains);
#pragma GCC unroll 8
    for (int i = 0; i < kInputs; i += kTogether, weights += kBytes * kVectors) {
      if (k + i >= left.inputs) break;
      if (k + i + kTogether <= left.inputs)
        add<kTogether>(row, k + i, i, weights, chains);
      else
        add<1>(row, k + i, i, weights, chains);
    }
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 12
      for (int j = 0; j < kVectors; ++j) {
        sums[r][j] = chains[0][r][j];
#pragma GCC unroll 8
        for (int c = 1; c < kChains; ++c) sums[r][j] = sums[r][j] + chains[c][r][j];
      }
  }

 private:
  static constexpr int64_t kBytes = 4 * V::kCount;  // of a vector of weights, whatever the format

  // Inputs k .. k + kCount - 1, the i-th and on of their round.
  template <int kCount, int kRows, int kVectors, int kChains>
  static HWY_INLINE void add(const float* const (&row)[kRows], int64_t k, int i, const std::byte* weights,
                             V (&chains)[kChains][kRows][kVectors]) {
    V value[kCount][kRows];
#pragma GCC unroll 2
    for (int c = 0; c < kCount; ++c)
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) value[c][r] = V(row[r][k + c]);
#pragma GCC unroll 12
    for (int j = 0; j < kVectors; ++j) {
      V weight[Weights::kTogether];
      Weights::load(weights + j * kBytes, weight);
#pragma GCC unroll 2
      for (int c = 0; c < kCount; ++c)
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) {
          V& sum = chains[(i + c) % kChains][r][j];
          sum = fma(value[c][r], weight[c], sum);
        }
    }
  }
};

// --- weights of 8-bit integers ------------------------------------------------------------------------------------

// The left operand, quantised and raised by an offset: bytes of row r begin at data + r * stride, zeros (raised) behind
// the inputs up to a multiple of four.
struct QuantisedRows {
  const std::byte* data;
  int64_t stride, inputs;
  float* scales;  // [rows]
};

using IntLanes = hn::Vec<IntTag>;

HWY_INLINE IntLanes load_ints(const void* from) { return hn::LoadU(IntTag(), static_cast<const int32_t*>(from)); }

// sums + the products of four inputs with four weights a lane, by the instruction of AVX512-VNNI or AVX-VNNI: inputs
// without sign. By its name, since the functions around are compiled for CPUs that lack it.
struct VnniDot {
  using Sums = IntLanes;
  static constexpr int kOffset = 128;

  static HWY_INLINE Sums zero() { return hn::Zero(IntTag()); }
  static HWY_INLINE void add([[maybe_unused]] Sums& sums, int32_t inputs, const std::byte* weights) {
    [[maybe_unused]] const auto left = hn::Set(IntTag(), inputs), right = load_ints(weights);
#if HWY_TARGET == HWY_AVX3
    asm("vpdpbusd %2, %1, %0" : "+v"(sums.raw) : "v"(left.raw), "v"(right.raw));
#elif HWY_TARGET == HWY_AVX2
    asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sums.raw) : "x"(left.raw), "x"(right.raw));
#endif
  }
  static HWY_INLINE Lanes to_float(Sums sums, const int32_t* offset) {
    return hn::ConvertTo(FloatTag(), hn::Sub(sums, load_ints(offset)));
  }
};

// The same integers by what every CPU has.
struct EmulatedDot {
  using Sums = IntLanes;
  static constexpr int kOffset = 0;

  static HWY_INLINE Sums zero() { return hn::Zero(IntTag()); }
  static HWY_INLINE void add(Sums& sums, int32_t inputs, const std::byte* weights) {
    const auto left = hn::Set(IntTag(), inputs), right = load_ints(weights);
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
    // Even and odd bytes as 16-bit integers, whose products are summed in pairs: in this order on this architecture.
    auto none = zero();
    sums = hn::ReorderWidenMulAccumulate(IntTag(), even_bytes(left), even_bytes(right), sums, none);
    sums = hn::ReorderWidenMulAccumulate(IntTag(), odd_bytes(left), odd_bytes(right), sums, none);
#else
    sums = hn::Add(sums, hn::Mul(byte<24>(left), byte<24>(right)));
    sums = hn::Add(sums, hn::Mul(byte<16>(left), byte<16>(right)));
    sums = hn::Add(sums, hn::Mul(byte<8>(left), byte<8>(right)));
    sums = hn::Add(sums, hn::Mul(byte<0>(left), byte<0>(right)));
#endif
  }
  static HWY_INLINE Lanes to_float(Sums sums, const int32_t*) { return hn::ConvertTo(FloatTag(), sums); }

 private:
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  using HalfTag = hn::Repartition<int16_t, IntTag>;
  using Halves = hn::Vec<HalfTag>;
  static HWY_INLINE Halves even_bytes(IntLanes v) {
    return hn::ShiftRight<8>(hn::ShiftLeft<8>(hn::BitCast(HalfTag(), v)));
  }
  static HWY_INLINE Halves odd_bytes(IntLanes v) { return hn::ShiftRight<8>(hn::BitCast(HalfTag(), v)); }
#else
  template <int kShift>
  static HWY_INLINE IntLanes byte(IntLanes v) {
    return hn::ShiftRight<24>(hn::ShiftLeft<kShift>(v));
  }
#endif
};

// And of the reference.
struct ScalarDot {
  using Sums = int32_t;
  static constexpr int kOffset = 0;

  static Sums zero() { return 0; }
  static void add(Sums& sum, int32_t inputs, const std::byte* weights) {
    int8_t left[4], right[4];
    std::memcpy(left, &inputs, sizeof left);
    std::memcpy(right, weights, sizeof right);
    for (int i = 0; i < 4; ++i) sum += left[i] * right[i];
  }
  static Scalar<float> to_float(Sums sum, const int32_t*) { return static_cast<float>(sum); }
};

// As kernels::quantize_row, eight bits each raised by kOffset; reads whole vectors only.
template <int kOffset>
HWY_INLINE float quantise_inputs(const float* x, int64_t n, std::byte* q) {
  Lanes largest{}, poison{};
  int64_t i = 0;
  for (; i < n; i += kLanes) {
    const Lanes v = Lanes::load(x + i, n - i);
    largest = hn::Max(largest.v, hn::Abs(v.v));
    poison = fma(v, Lanes(0.0f), poison);
  }
  const float most = hn::GetLane(hn::MaxOfLanes(FloatTag(), largest.v));
  const float scale = most / 127.0f + hn::GetLane(hn::SumOfLanes(FloatTag(), poison.v));
  const Lanes inverse = scale > kernels::kLeastScale ? 127.0f / most : 0.0f;
  const hn::Rebind<int8_t, FloatTag> bytes;
  const auto raised = hn::Set(bytes, static_cast<int8_t>(kOffset));
  for (i = 0; i < n; i += kLanes) {
    const auto integers = hn::NearestInt((Lanes::load(x + i, n - i) * inverse).v);
    hn::StoreU(hn::Xor(hn::DemoteTo(bytes, integers), raised), bytes, reinterpret_cast<int8_t*>(q) + i);
  }
  return scale;
}

template <class V, class Dot>
struct I8Product {
  using Rows = QuantisedRows;
  static constexpr WeightFormat kFormat = WeightFormat::kI8;

  // Each row of x and h with a scale of its own, in the scratch.
  static HWY_INLINE void prepare(const StreamStep& s, Rows& x, Rows& h) {
    const int64_t width_x = kernels::quantised_bytes(s.layout.input);
    const int64_t width_h = kernels::quantised_bytes(s.layout.recurrent);
    float* scales = reinterpret_cast<float*>(s.scratch);
    std::byte* bytes_x = s.scratch + kernels::round_up(s.rows * 2 * 4, 64);
    std::byte* bytes_h = bytes_x + s.rows * width_x;
    x = {bytes_x, width_x, s.layout.input, scales};
    h = {bytes_h, width_h, s.layout.recurrent, scales + s.rows};
    for (int64_t r = 0; r < s.rows; ++r) {
      x.scales[r] = quantise(s.x + r * s.x_stride, s.layout.input, bytes_x + r * width_x);
      h.scales[r] = quantise(s.h + r * s.h_stride, s.layout.recurrent, bytes_h + r * width_h);
    }
  }

  template <int kRows, int kVectors>
  static HWY_INLINE void multiply(const Rows& left, int64_t first, const PanelPart& part, V (&sums)[kRows][kVectors]) {
    constexpr int kChains = std::min(chains_for(kVectors), 2);
    typename Dot::Sums chains[kChains][kRows][kVectors];
    for (int c = 0; c < kChains; ++c)
      for (int r = 0; r < kRows; ++r)
        for (int j = 0; j < kVectors; ++j) chains[c][r][j] = Dot::zero();
    const std::byte* weights = part.weights;
    const std::byte* row = left.data + first * left.stride;
    int64_t k = 0;
    for (; k + 4 * kChains <= left.inputs; k += 4 * kChains)
#pragma GCC unroll 2
      for (int c = 0; c < kChains; ++c, weights += kBytes * kVectors)
        add<kRows, kVectors>(row + k + 4 * c, left.stride, weights, chains[c]);
    for (; k < left.inputs; k += 4, weights += kBytes * kVectors)
      add<kRows, kVectors>(row + k, left.stride, weights, chains[0]);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 12
      for (int j = 0; j < kVectors; ++j) {
        auto sum = chains[0][r][j];
        if constexpr (kChains > 1) sum = sum_of_two(sum, chains[1][r][j]);
        const V scale = V::load(part.scale + j * V::kCount) * V(left.scales[first + r]);
        sums[r][j] = fma(Dot::to_float(sum, part.offset + j * V::kCount), scale, sums[r][j]);
      }
  }

 private:
  static constexpr int64_t kBytes = 4 * V::kCount;

  static float quantise(const float* x, int64_t n, std::byte* q) {
    if constexpr (std::is_same_v<V, Scalar<float>>)
      return kernels::quantize_row(x, n, reinterpret_cast<int8_t*>(q));
    else
      return quantise_inputs<Dot::kOffset>(x, n, q);
  }

  static HWY_INLINE IntLanes sum_of_two(IntLanes a, IntLanes b) { return hn::Add(a, b); }
  static HWY_INLINE int32_t sum_of_two(int32_t a, int32_t b) { return a + b; }

  template <int kRows, int kVectors>
  static HWY_INLINE void add(const std::byte* left, int64_t stride, const std::byte* weights,
                             typename Dot::Sums (&sums)[kRows][kVectors]) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      int32_t inputs;
      std::memcpy(&inputs, left + r * stride, sizeof inputs);
#pragma GCC unroll 12
      for (int j = 0; j < kVectors; ++j) Dot::add(sums[r][j], inputs, weights + j * kBytes);
    }
  }
};

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
