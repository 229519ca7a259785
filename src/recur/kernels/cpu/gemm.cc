// Matrix products in f32: docs/decisions/0002-matrix-products.md.
//
// C is made of tiles (tile-inl.h), a stretch of the depth at a time. The right operand is packed into panels for each
// stretch; the left one is read as it lies where its rows are contiguous, and packed into such rows where they are not.
// Every element of C is summed in the order of k, stretch by stretch, so its bits follow from its row, its column and k
// alone, however the product is cut.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/cpu/gemm.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include <algorithm>
#include <cstring>

#include "recur/kernels/cpu/cpu_table.h"
#include "recur/kernels/cpu/scratch.h"
#include "recur/kernels/cpu/transpose-inl.h"
#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::Gemm;

// Vectors of a panel, and its columns.
inline constexpr int kPanelVectors = kLanes >= 16 ? 4 : 2;
inline constexpr int64_t kPanel = kPanelVectors * kLanes;
// A panel of this depth stays in the L2 cache while all rows of a block pass over it, and a tile's rows in the L1.
inline constexpr int64_t kStretch = 512;
// Rows of the left operand that are packed at a time.
inline constexpr int64_t kBlock = 192;

// Rows from, ... of one panel of the right operand.
void pack_block(const Gemm<float>& g, int64_t from, int64_t column, int64_t rows, float* to) {
  const int64_t count = std::min(kPanel, g.n - column);
  if (g.trans_b) {
    transpose(g.b + column * g.ldb + from, g.ldb, {.rows = count, .columns = rows}, to, kPanel);
    for (int64_t k = 0; count < kPanel && k < rows; ++k) std::fill_n(to + k * kPanel + count, kPanel - count, 0);
    return;
  }
  for (int64_t k = 0; k < rows; ++k)
    for (int64_t j = 0; j < kPanel; j += kLanes)
      Lanes::load(g.b + (from + k) * g.ldb + column + j, std::clamp<int64_t>(count - j, 0, kLanes))
          .store(to + k * kPanel + j);
}

// The right operand [depth, columns] of a stretch in panels: packed[panel][k][column in the panel].
void pack_right(const Gemm<float>& g, int64_t from, int64_t depth, float* packed) {
  constexpr int64_t kRowsAtOnce = 16;  // streams that the hardware follows
  for (int64_t k = 0; k < depth; k += kRowsAtOnce) {
    const int64_t rows = std::min(kRowsAtOnce, depth - k);
    float* to = packed + k * kPanel;
    for (int64_t column = 0; column < g.n; column += kPanel, to += depth * kPanel)
      pack_block(g, from + k, column, rows, to);
  }
}

// What one tile multiplies, and where to.
struct TilePlace {
  const float* left;  // its first row
  int64_t stride;     // of its rows
  const float* right;
  int64_t right_stride;
  int64_t depth;
  float* c;
  int64_t columns;
  bool add;  // to what C holds
  Ahead ahead;
};

template <int kRows, int kVectors>
void tile(const Gemm<float>& g, const TilePlace& at) {
  const float* left[kRows];
  Lanes sums[kRows][kVectors];
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r) {
    left[r] = at.left + r * at.stride;
#pragma GCC unroll 4
    for (int j = 0; j < kVectors; ++j) prefetch_to_write(at.c + r * g.ldc + j * kLanes);
  }
  multiply_tile<Lanes, kRows, kVectors>(left, at.right, at.depth, sums, at.ahead, at.right_stride);
  const int64_t n = at.columns, ldc = g.ldc;
  float* const c = at.c;
  if (at.add) {
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j)
        if (j * kLanes < n) sums[r][j] = sums[r][j] + Lanes::load(c + r * ldc + j * kLanes, n - j * kLanes);
  }
#pragma GCC unroll 12
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j)
      if (j * kLanes < n) sums[r][j].store(c + r * ldc + j * kLanes, n - j * kLanes);
}

template <int kVectors, int kRows = rows_in_tile<Lanes>(kVectors)>
HWY_INLINE void tile_of(int64_t rows, const Gemm<float>& g, const TilePlace& at) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return tile_of<kVectors, kRows - 1>(rows, g, at);
  }
  tile<kRows, kVectors>(g, at);
}

// All rows of a block times one panel, of which only the vectors that hold columns are multiplied.
template <int kVectors = kPanelVectors>
void multiply_panel(const Gemm<float>& g, TilePlace at, int64_t rows, const Ahead& ahead) {
  if constexpr (kVectors > 1) {
    if (at.columns <= (kVectors - 1) * kLanes) return multiply_panel<kVectors - 1>(g, at, rows, ahead);
  }
  constexpr int64_t kMost = rows_in_tile<Lanes>(kVectors);
  const int64_t tiles = (rows + kMost - 1) / kMost;
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t count = next_tile(rows, kMost);
    at.ahead = ahead.share(i, tiles);
    tile_of<kVectors>(count, g, at);
    rows -= count;
    at.left += count * at.stride;
    at.c += count * g.ldc;
  }
}

// The right operand of a stretch: panels `step` apart, their rows `stride`.
struct Right {
  const float* panels;
  int64_t stride, step;
};

// C += what a stretch gives it, or C = that for the first.
void multiply_stretch(const Gemm<float>& g, int64_t from, int64_t depth, const Right& right) {
  const int64_t left_stride = (depth + kLanes - 1) / kLanes * kLanes;
  const kernels::Scratch left(static_cast<size_t>(g.trans_a ? kBlock * left_stride : 0));
  const auto bytes = static_cast<int64_t>(sizeof(float)) * (right.stride == kPanel ? depth * kPanel : 0);
  for (int64_t row = 0; row < g.m; row += kBlock) {
    const int64_t rows = std::min(kBlock, g.m - row);
    if (g.trans_a)
      transpose(g.a + from * g.lda + row, g.lda, {.rows = depth, .columns = rows}, left.data(), left_stride);
    TilePlace at{.left = g.trans_a ? left.data() : g.a + row * g.lda + from,
                 .stride = g.trans_a ? left_stride : g.lda,
                 .right = right.panels,
                 .right_stride = right.stride,
                 .depth = depth,
                 .c = g.c + row * g.ldc,
                 .columns = g.n,
                 .add = g.add || from > 0,
                 .ahead = {}};
    for (; at.columns > 0; at.columns -= kPanel, at.c += kPanel, at.right += right.step) {
      const float* next = at.columns <= kPanel ? right.panels : at.right + right.step;
      multiply_panel(g, at, rows, {reinterpret_cast<const char*>(next), bytes});
    }
  }
}

// Calls f(from, depth) for stretches of the depth of about the same length.
template <class F>
void for_each_stretch(int64_t k, const F& f) {
  const int64_t count = (k + kStretch - 1) / kStretch, depth = (k + count - 1) / count;
  for (int64_t from = 0; from < k; from += depth) f(from, std::min(depth, k - from));
}

void multiply_packed(const Gemm<float>& g) {
  const int64_t panels = (g.n + kPanel - 1) / kPanel;
  const kernels::Scratch packed(static_cast<size_t>(std::min(kStretch, g.k) * panels * kPanel));
  for_each_stretch(g.k, [&](int64_t from, int64_t depth) {
    pack_right(g, from, depth, packed.data());
    multiply_stretch(g, from, depth, {.panels = packed.data(), .stride = kPanel, .step = depth * kPanel});
  });
}

// Too few rows to make up for packing B, which lies in rows already. Its last columns do have to be packed: a panel
// that is not full would read beyond the end.
void multiply_in_place(const Gemm<float>& g) {
  Gemm<float> whole = g, rest = g;
  whole.n = g.n / kPanel * kPanel;
  rest.n = g.n - whole.n;
  rest.b += whole.n;
  rest.c += whole.n;
  if (whole.n > 0)
    for_each_stretch(g.k, [&](int64_t from, int64_t depth) {
      multiply_stretch(whole, from, depth, {.panels = g.b + from * g.ldb, .stride = g.ldb, .step = kPanel});
    });
  if (rest.n > 0) multiply_packed(rest);
}

// sums[r] = a . b[r] over n values.
template <int kRows>
HWY_INLINE void dots(const float* a, const float* b, int64_t stride, int64_t n, float* sums) {
  Lanes part[kRows];
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Lanes left = Lanes::load(a + i);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) part[r] = fma(left, Lanes::load(b + r * stride + i), part[r]);
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    if (i < n) part[r] = fma(Lanes::load(a + i, n - i), Lanes::load(b + r * stride + i, n - i), part[r]);
    sums[r] = hn::GetLane(hn::SumOfLanes(FloatTag(), part[r].v));
  }
}

// Rows of A against rows of B, where one of them has few: one read of the other.
void multiply_dots(const Gemm<float>& g) {
  constexpr int64_t kRows = 8;
  const bool few_left = g.m < g.n;
  const float *few = few_left ? g.a : g.b, *many = few_left ? g.b : g.a;
  const int64_t few_stride = few_left ? g.lda : g.ldb, many_stride = few_left ? g.ldb : g.lda;
  const int64_t few_step = few_left ? g.ldc : 1, many_step = few_left ? 1 : g.ldc;
  const int64_t few_count = std::min(g.m, g.n), many_count = std::max(g.m, g.n);
  for (int64_t i = 0, rows; i < many_count; i += rows) {
    rows = i + kRows <= many_count ? kRows : 1;
    for (int64_t j = 0; j < few_count; ++j) {
      float sums[kRows];
      const float *left = few + j * few_stride, *right = many + i * many_stride;
      rows == kRows ? dots<kRows>(left, right, many_stride, g.k, sums) : dots<1>(left, right, many_stride, g.k, sums);
      for (int64_t r = 0; r < rows; ++r) {
        float& c = g.c[j * few_step + (i + r) * many_step];
        c = g.add ? c + sums[r] : sums[r];
      }
    }
  }
}

void multiply(const Gemm<float>& g) {
  constexpr int64_t kFew = 2, kNotPacked = 72;
  if (!g.trans_a && g.trans_b && std::min(g.m, g.n) <= kFew) return multiply_dots(g);
  if (!g.trans_b && g.m <= kNotPacked) return multiply_in_place(g);
  multiply_packed(g);
}

void gemm(const Gemm<float>& g) {
  if (g.m > 0 && g.n > 0) multiply(g);
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(gemm);

namespace kernels {

void gemm_f32(const Gemm<float>& g) { HWY_DYNAMIC_DISPATCH(gemm)(g); }

}  // namespace kernels
}  // namespace recur
#endif
