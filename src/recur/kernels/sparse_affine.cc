// One template over a vector type is the reference, with one number, and the kernel, with a register of them. Where
// outputs are lanes (16 x 1) four chains of sums keep the pipeline filled; where inputs are (4 x 16) the four outputs
// do.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/sparse_affine.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/kernels.h"
#include "recur/kernels/sparse_affine.h"
#include "recur/kernels/stream_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::SparseBlocks;
using kernels::SparseLayout;
using kernels::SparseStep;

// The arrays of a packed weight, by the sizes that a step knows; see SparseLayout.
struct SparseArrays {
  const int32_t* begin;
  const float *bias, *scale;
  const uint16_t* columns;
  const std::byte* weights;
  int64_t panels;
};

HWY_INLINE SparseArrays sparse_arrays(const StreamStep& s, SparseBlocks kind) {
  SparseLayout layout{.format = s.layout.format, .kind = kind, .outputs = s.layout.hidden, .inputs = s.layout.input};
  SparseArrays a;
  a.panels = layout.panels();
  const std::byte* at = s.packed;
  a.begin = reinterpret_cast<const int32_t*>(at);
  layout.blocks = a.begin[a.panels];
  at += layout.begin_bytes();
  a.bias = reinterpret_cast<const float*>(at);
  at += layout.vector_bytes();
  a.scale = reinterpret_cast<const float*>(at);
  if (layout.format == WeightFormat::kI8) at += layout.vector_bytes();
  a.columns = reinterpret_cast<const uint16_t*>(at);
  a.weights = at + layout.column_bytes();
  return a;
}

// The blocks of one panel.
struct SparsePanel {
  int64_t first_output, outputs;  // of those that are there
  int64_t blocks;
  const float *bias, *scale;
  const uint16_t* columns;
  const std::byte* weights;
};

// Calls f(panel) for each, in the order that the step asks for.
template <class F>
HWY_INLINE void for_each_panel(const StreamStep& s, SparseBlocks kind, F&& f) {
  const SparseArrays a = sparse_arrays(s, kind);
  const int64_t rows = kernels::shape_of(kind).rows;
  const int64_t block_bytes = kernels::shape_of(kind).size() * (s.layout.format == WeightFormat::kI8 ? 1 : 4);
  for (int64_t i = 0; i < a.panels; ++i) {
    const int64_t panel = s.last_panel_first ? a.panels - 1 - i : i, first = panel * rows;
    f(SparsePanel{.first_output = first,
                  .outputs = std::min(rows, s.layout.hidden - first),
                  .blocks = a.begin[panel + 1] - a.begin[panel],
                  .bias = a.bias + first,
                  .scale = a.scale + first,
                  .columns = a.columns + a.begin[panel],
                  .weights = a.weights + a.begin[panel] * block_bytes});
  }
}

// Writes 16 sums to the outputs that there are.
template <class V, int kVectors>
HWY_INLINE void store_sums(const V (&sums)[kVectors], const SparsePanel& panel, float* to) {
#pragma GCC unroll 16
  for (int j = 0; j < kVectors; ++j) {
    const int64_t left = panel.outputs - j * V::kCount;
    if (left >= V::kCount)
      sums[j].store(to + j * V::kCount);
    else if (left > 0)
      sums[j].store(to + j * V::kCount, left);
  }
}

// --- weights of floating point ------------------------------------------------------------------------------------

template <class V>
void sparse_columns(const StreamStep& s) {
  constexpr int kVectors = 16 / V::kCount, kChains = 4;
  for_each_panel(s, SparseBlocks::k16x1, [&](const SparsePanel& panel) HWY_ATTR {
    for (int64_t row = 0; row < s.rows; ++row) {
      const float *x = s.x + row * s.x_stride, *w = reinterpret_cast<const float*>(panel.weights);
      V sums[kChains][kVectors];
#pragma GCC unroll 16
      for (int j = 0; j < kVectors; ++j) {
        sums[0][j] = V::load(panel.bias + j * V::kCount);
#pragma GCC unroll 4
        for (int c = 1; c < kChains; ++c) sums[c][j] = V(0.0f);
      }
      const auto add = [&](int64_t block, int c) HWY_ATTR {
        const V value = V(x[panel.columns[block]]);
#pragma GCC unroll 16
        for (int j = 0; j < kVectors; ++j) sums[c][j] = fma(value, V::load(w + block * 16 + j * V::kCount), sums[c][j]);
      };
      int64_t block = 0;
      for (; block + kChains <= panel.blocks; block += kChains) {
        add(block, 0);
        add(block + 1, 1);
        add(block + 2, 2);
        add(block + 3, 3);
      }
      if (block < panel.blocks) add(block, 0);
      if (block + 1 < panel.blocks) add(block + 1, 1);
      if (block + 2 < panel.blocks) add(block + 2, 2);
      V total[kVectors];
#pragma GCC unroll 16
      for (int j = 0; j < kVectors; ++j) total[j] = (sums[0][j] + sums[1][j]) + (sums[2][j] + sums[3][j]);
      store_sums(total, panel, s.next + row * s.next_stride + panel.first_output);
    }
  });
}

HWY_INLINE float sum_of_lanes(Lanes v) { return hn::GetLane(hn::SumOfLanes(FloatTag(), v.v)); }
inline float sum_of_lanes(Scalar<float> v) { return v.v; }

template <class V>
void sparse_rows(const StreamStep& s) {
  constexpr int kVectors = 16 / V::kCount, kOutputs = 4;
  for_each_panel(s, SparseBlocks::k4x16, [&](const SparsePanel& panel) HWY_ATTR {
    for (int64_t row = 0; row < s.rows; ++row) {
      const float *x = s.x + row * s.x_stride, *w = reinterpret_cast<const float*>(panel.weights);
      V sums[kOutputs][kVectors];
#pragma GCC unroll 4
      for (int o = 0; o < kOutputs; ++o)
#pragma GCC unroll 16
        for (int j = 0; j < kVectors; ++j) sums[o][j] = V(0.0f);
      const auto add = [&](int64_t block, int64_t inputs) HWY_ATTR {
        const float* from = x + panel.columns[block] * 16;
#pragma GCC unroll 16
        for (int j = 0; j < kVectors; ++j) {
          const int64_t left = inputs - j * V::kCount;
          if (left <= 0) break;
          const V value = V::load(from + j * V::kCount, left);
#pragma GCC unroll 4
          for (int o = 0; o < kOutputs; ++o)
            sums[o][j] = fma(value, V::load(w + block * 64 + o * 16 + j * V::kCount), sums[o][j]);
        }
      };
      if (panel.blocks > 0) {
        const int64_t last = panel.blocks - 1;
        for (int64_t block = 0; block < last; ++block) add(block, 16);
        add(last, s.layout.input - panel.columns[last] * 16);  // where the last column of blocks may stick out
      }
      float* to = s.next + row * s.next_stride + panel.first_output;
      for (int64_t o = 0; o < panel.outputs; ++o) {
        V total = sums[o][0];
#pragma GCC unroll 16
        for (int j = 1; j < kVectors; ++j) total = total + sums[o][j];
        to[o] = panel.bias[o] + sum_of_lanes(total);
      }
    }
  });
}

// --- weights of 8-bit integers ------------------------------------------------------------------------------------

// One row of x as integers and its scale: the scratch of a step has all rows.
struct SparseInputs {
  const int8_t* at;
  float scale;
};

template <class Quantise>
HWY_INLINE void quantise_rows(const StreamStep& s, const Quantise& quantise) {
  float* scales = reinterpret_cast<float*>(s.scratch);
  std::byte* bytes = s.scratch + kernels::round_up(s.rows * 2 * 4, 64);
  const int64_t width = kernels::quantised_bytes(s.layout.input);
  for (int64_t r = 0; r < s.rows; ++r) scales[r] = quantise(s.x + r * s.x_stride, s.layout.input, bytes + r * width);
}

HWY_INLINE SparseInputs inputs_of(const StreamStep& s, int64_t row) {
  const std::byte* bytes = s.scratch + kernels::round_up(s.rows * 2 * 4, 64);
  return {reinterpret_cast<const int8_t*>(bytes + row * kernels::quantised_bytes(s.layout.input)),
          reinterpret_cast<const float*>(s.scratch)[row]};
}

// The sums of integers of a panel of 16 x 1 and of one of 4 x 16, by plain numbers.
struct ScalarSparse {
  static float quantise(const float* x, int64_t n, std::byte* q) {
    return kernels::quantize_row(x, n, reinterpret_cast<int8_t*>(q));
  }
  static void columns(const SparsePanel& panel, const int8_t* x, int32_t* sums) {
    const auto* w = reinterpret_cast<const int8_t*>(panel.weights);
    std::fill_n(sums, 16, 0);
    for (int64_t block = 0; block < panel.blocks; ++block)
      for (int o = 0; o < 16; ++o) sums[o] += x[panel.columns[block]] * w[(block / 2) * 32 + o * 2 + block % 2];
  }
  static void rows(const SparsePanel& panel, const int8_t* x, int64_t inputs, int32_t* sums) {
    const auto* w = reinterpret_cast<const int8_t*>(panel.weights);
    std::fill_n(sums, 4, 0);
    for (int64_t block = 0; block < panel.blocks; ++block)
      for (int64_t k = 0; k < std::min<int64_t>(16, inputs - panel.columns[block] * 16); ++k)
        for (int o = 0; o < 4; ++o) sums[o] += x[panel.columns[block] * 16 + k] * w[block * 64 + o * 16 + k];
  }
};

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
using SimdSparse = ScalarSparse;
#else
// Integers of 16 bits, of which products are summed in pairs.
struct SimdSparse {
  static float quantise(const float* x, int64_t n, std::byte* q) { return quantise_inputs<0>(x, n, q); }

  template <class SumTag>
  static HWY_INLINE hn::Vec<SumTag> multiply_add(SumTag, hn::Vec<hn::Repartition<int16_t, SumTag> > a,
                                                 hn::Vec<hn::Repartition<int16_t, SumTag> > b, hn::Vec<SumTag> sum) {
#if HWY_ARCH_X86
    auto none = hn::Zero(SumTag());
    return hn::ReorderWidenMulAccumulate(SumTag(), a, b, sum, none);  // neighbours, on this architecture
#else
    const auto left = hn::BitCast(SumTag(), a), right = hn::BitCast(SumTag(), b);
    const auto low = [](auto v) HWY_ATTR { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
    sum = hn::Add(sum, hn::Mul(low(left), low(right)));
    return hn::Add(sum, hn::Mul(hn::ShiftRight<16>(left), hn::ShiftRight<16>(right)));
#endif
  }

  template <class WordTag>
  static HWY_INLINE hn::Vec<WordTag> words(WordTag, const int8_t* from) {
    return hn::PromoteTo(WordTag(), hn::LoadU(hn::Rebind<int8_t, WordTag>(), from));
  }

  static HWY_INLINE void columns(const SparsePanel& panel, const int8_t* x, int32_t* sums) {
    using WordTag = hn::Repartition<int16_t, IntTag>;
    constexpr int kVectors = static_cast<int>(16 / kLanes), kChains = 2;
    const auto* w = reinterpret_cast<const int8_t*>(panel.weights);
    IntLanes chains[kChains][kVectors];
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; ++j) chains[0][j] = chains[1][j] = hn::Zero(IntTag());
    const auto add = [&](int64_t block, int c) HWY_ATTR {
      const auto low = static_cast<uint32_t>(static_cast<uint16_t>(x[panel.columns[block]]));
      const auto high = static_cast<uint32_t>(x[panel.columns[block + 1]]) << 16;
      const auto pair = hn::BitCast(WordTag(), hn::Set(IntTag(), static_cast<int32_t>(low | high)));
#pragma GCC unroll 4
      for (int j = 0; j < kVectors; ++j)
        chains[c][j] = multiply_add(IntTag(), pair, words(WordTag(), w + block * 16 + j * 2 * kLanes), chains[c][j]);
    };
    int64_t block = 0;
    for (; block + 4 <= panel.blocks; block += 4) {
      add(block, 0);
      add(block + 2, 1);
    }
    if (block < panel.blocks) add(block, 0);
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; ++j) hn::StoreU(hn::Add(chains[0][j], chains[1][j]), IntTag(), sums + j * kLanes);
  }

  static HWY_INLINE void rows(const SparsePanel& panel, const int8_t* x, int64_t, int32_t* sums) {
    using WordTag = hn::CappedTag<int16_t, 16>;
    using SumTag = hn::Repartition<int32_t, WordTag>;
    constexpr int kWords = HWY_LANES(int16_t) < 16 ? HWY_LANES(int16_t) : 16, kVectors = 16 / kWords;
    const auto* w = reinterpret_cast<const int8_t*>(panel.weights);
    hn::Vec<SumTag> total[4];
#pragma GCC unroll 4
    for (int o = 0; o < 4; ++o) total[o] = hn::Zero(SumTag());
    // Behind the last input are bytes of the scratch, times zeros.
    for (int64_t block = 0; block < panel.blocks; ++block)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) {
        const auto value = words(WordTag(), x + panel.columns[block] * 16 + j * kWords);
#pragma GCC unroll 4
        for (int o = 0; o < 4; ++o)
          total[o] = multiply_add(SumTag(), value, words(WordTag(), w + block * 64 + o * 16 + j * kWords), total[o]);
      }
#pragma GCC unroll 4
    for (int o = 0; o < 4; ++o) sums[o] = hn::GetLane(hn::SumOfLanes(SumTag(), total[o]));
  }
};
#endif

// y = sum * scale of the output * scale of the row + bias.
template <class V, class Sparse>
void sparse_columns_i8(const StreamStep& s) {
  constexpr int kVectors = 16 / V::kCount;
  quantise_rows(s, Sparse::quantise);
  for_each_panel(s, SparseBlocks::k16x1, [&](const SparsePanel& panel) HWY_ATTR {
    for (int64_t row = 0; row < s.rows; ++row) {
      const SparseInputs x = inputs_of(s, row);
      HWY_ALIGN int32_t sums[16];
      Sparse::columns(panel, x.at, sums);
      HWY_ALIGN float floats[16];
      for (int o = 0; o < 16; ++o) floats[o] = static_cast<float>(sums[o]);
      V y[kVectors];
#pragma GCC unroll 16
      for (int j = 0; j < kVectors; ++j)
        y[j] = fma(V::load(floats + j * V::kCount), V::load(panel.scale + j * V::kCount) * V(x.scale),
                   V::load(panel.bias + j * V::kCount));
      store_sums(y, panel, s.next + row * s.next_stride + panel.first_output);
    }
  });
}

template <class Sparse>
void sparse_rows_i8(const StreamStep& s) {
  quantise_rows(s, Sparse::quantise);
  for_each_panel(s, SparseBlocks::k4x16, [&](const SparsePanel& panel) HWY_ATTR {
    for (int64_t row = 0; row < s.rows; ++row) {
      const SparseInputs x = inputs_of(s, row);
      int32_t sums[4];
      Sparse::rows(panel, x.at, s.layout.input, sums);
      float* to = s.next + row * s.next_stride + panel.first_output;
      for (int64_t o = 0; o < panel.outputs; ++o)
        to[o] = static_cast<float>(sums[o]) * (panel.scale[o] * x.scale) + panel.bias[o];
    }
  });
}

template <class V, class Sparse>
SparseStep sparse_step_of(WeightFormat format, SparseBlocks kind) {
  const bool integers = format == WeightFormat::kI8;
  if (kind == SparseBlocks::k16x1) return integers ? sparse_columns_i8<V, Sparse> : sparse_columns<V>;
  return integers ? sparse_rows_i8<Sparse> : sparse_rows<V>;
}

SparseStep scalar_sparse_step(WeightFormat format, SparseBlocks kind) {
  return sparse_step_of<Scalar<float>, ScalarSparse>(format, kind);
}
SparseStep simd_sparse_step(WeightFormat format, SparseBlocks kind) {
  return sparse_step_of<Lanes, SimdSparse>(format, kind);
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {

HWY_EXPORT(simd_sparse_step);

namespace kernels {

SparseStep reference_sparse_step(WeightFormat format, SparseBlocks kind) {
  return HWY_STATIC_DISPATCH(scalar_sparse_step)(format, kind);
}

SparseStep sparse_step(WeightFormat format, SparseBlocks kind) {
  if (use_reference()) return reference_sparse_step(format, kind);
  return HWY_DYNAMIC_DISPATCH(simd_sparse_step)(format, kind);
}

}  // namespace kernels
}  // namespace recur
#endif
