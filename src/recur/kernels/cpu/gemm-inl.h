// Matrix products in f32, of operands in f32 or rounded to bf16: docs/decisions/0002-matrix-products.md.
//
// C is made of tiles (tile-inl.h), a stretch of the depth at a time. The right operand is packed into panels for each
// stretch; the left one is read as it lies where its rows are contiguous, and packed into such rows where they are not.
// Every element of C is summed in the order of k, stretch by stretch, so its bits follow from its row, its column and k
// alone, however the product is cut.
//
// P: the operands' precision (operands-inl.h). Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_CPU_GEMM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_CPU_GEMM_INL_H_
#undef RECUR_KERNELS_CPU_GEMM_INL_H_
#else
#define RECUR_KERNELS_CPU_GEMM_INL_H_
#endif

#include <algorithm>
#include <type_traits>

#include "recur/kernels/kernels.h"
#include "recur/kernels/pack-inl.h"
#include "recur/kernels/scratch.h"
#include "recur/kernels/tile_products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::Gemm;
using kernels::Scratch;

// Vectors of a panel, and its columns.
inline constexpr int kPanelVectors = kLanes >= 16 ? 4 : 2;
inline constexpr int64_t kPanel = kPanelVectors * kLanes;
// A panel of so many steps stays in the L2 cache while all rows of a block pass over it, and a tile's rows in the L1.
inline constexpr int64_t kStretch = 512;
// Rows of the left operand that are packed at a time.
inline constexpr int64_t kBlock = 192;

// What a block of rows multiplies, and where to.
template <class P>
struct BlockPlace {
  LeftRows<typename P::Element> left;  // from its first row on
  const typename P::Element* right;
  int64_t right_stride;  // of its steps
  int64_t steps;
  float* c;
  int64_t columns;    // from there on
  bool add;           // to what C holds
  const float* bias;  // [columns], or null; only in the last stretch
};

// All rows of a block times one panel, of which only the vectors that hold columns are multiplied.
template <class P>
void multiply_panel(int64_t ldc, const BlockPlace<P>& at, typename P::Tiles& tiles, int64_t rows, Ahead ahead) {
  const Into into = at.add ? Into::kAdd : Into::kSet;
  TileProducts<P>::multiply({.left = at.left, .packed = at.right, .width = at.right_stride, .steps = at.steps}, tiles,
                            rows, false, {at.c, ldc, std::min(kPanel, at.columns), into, at.bias}, ahead);
}

template <class P>
class Product {
 public:
  using E = typename P::Element;
  static constexpr int64_t kPanelStep = kPanel * P::kDepth;

  explicit Product(const Gemm<float>& g) : g_(g) {}

  void run() const {
    constexpr int64_t kNotPacked = 72;
    if constexpr (P::kAsItIs)
      if (!g_.trans_b && g_.m <= kNotPacked) return run_in_place();
    run_packed();
  }

 private:
  // A part of the depth.
  struct Stretch {
    int64_t from, depth;
    int64_t steps() const { return steps_over<P>(depth); }
  };
  // The right operand of a stretch: panels `step` apart, their rows `stride`.
  struct Right {
    const E* panels;
    int64_t stride, step;
  };

  // Calls f for stretches of about the same length.
  template <class F>
  void for_each_stretch(const F& f) const {
    const int64_t steps = steps_over<P>(g_.k), count = (steps + kStretch - 1) / kStretch;
    const int64_t depth = padded<P>((steps + count - 1) / count * P::kDepth);
    for (int64_t from = 0; from < g_.k; from += depth) f(Stretch{from, std::min(depth, g_.k - from)});
  }

  void run_packed() const {
    const int64_t panels = (g_.n + kPanel - 1) / kPanel;
    const Scratch<E> packed(std::min(kStretch, steps_over<P>(g_.k)) * panels * kPanelStep);
    for_each_stretch([&](const Stretch& s) {
      pack_right(s, packed.data());
      multiply(s, {.panels = packed.data(), .stride = kPanelStep, .step = s.steps() * kPanelStep});
    });
  }

  // Too few rows to make up for packing B, which lies in rows already. Its last columns do have to be packed: a panel
  // that is not full would read beyond the end.
  void run_in_place() const {
    Gemm<float> whole = g_, rest = g_;
    whole.n = g_.n / kPanel * kPanel;
    rest.n = g_.n - whole.n;
    rest.b += whole.n;
    rest.c += whole.n;
    if (g_.bias != nullptr) rest.bias += whole.n;
    if (whole.n > 0)
      Product(whole).for_each_stretch([&](const Stretch& s) {
        Product(whole).multiply(s, {.panels = g_.b + s.from * g_.ldb, .stride = g_.ldb, .step = kPanel});
      });
    if (rest.n > 0) Product(rest).run_packed();
  }

  void pack_right(const Stretch& s, E* packed) const {
    // Streams that the hardware follows, or a whole part of the depth: parts are filled up with zeros.
    constexpr int64_t kRowsAtOnce = std::max<int64_t>(16, padded<P>(1));
    for (int64_t k = 0; k < s.depth; k += kRowsAtOnce) {
      const int64_t rows = std::min(kRowsAtOnce, s.depth - k);
      E* to = packed + k * kPanel;
      for (int64_t column = 0; column < g_.n; column += kPanel, to += s.steps() * kPanelStep)
        pack_block(s.from + k, column, rows, to);
    }
  }

  // Rows from, ... of one panel.
  void pack_block(int64_t from, int64_t column, int64_t rows, E* to) const {
    const int64_t count = std::min(kPanel, g_.n - column);
    if (!g_.trans_b)
      return pack_rows<P>(g_.b + from * g_.ldb + column, g_.ldb, {.rows = rows, .columns = count}, kPanel, to);
    const Scratch<float> block(rows * kPanel);
    transpose(g_.b + column * g_.ldb + from, g_.ldb, {.rows = count, .columns = rows}, block.data(), kPanel);
    pack_rows<P>(block.data(), kPanel, {.rows = rows, .columns = count}, kPanel, to);
  }

  // Rows row, ... of the left operand, as a tile reads them.
  void pack_left(const Stretch& s, int64_t row, int64_t rows, E* to) const {
    if (!g_.trans_a) return store_rows<P>(g_.a + row * g_.lda + s.from, g_.lda, {.rows = rows, .columns = s.depth}, to);
    const float* from = g_.a + s.from * g_.lda + row;
    if constexpr (P::kAsItIs) {
      transpose(from, g_.lda, {.rows = s.depth, .columns = rows}, to, s.depth);
    } else {
      const Scratch<float> block(rows * s.depth);
      transpose(from, g_.lda, {.rows = s.depth, .columns = rows}, block.data(), s.depth);
      store_rows<P>(block.data(), s.depth, {.rows = rows, .columns = s.depth}, to);
    }
  }

  // C += what a stretch gives it, or C = that for the first.
  void multiply(const Stretch& s, const Right& right) const {
    const bool as_it_lies = P::kAsItIs && !g_.trans_a;
    const Scratch<E> left(as_it_lies ? 0 : kBlock * padded<P>(s.depth));
    const auto bytes = static_cast<int64_t>(sizeof(E)) * (right.stride == kPanelStep ? right.step : 0);
    typename P::Tiles tiles;
    for (int64_t row = 0; row < g_.m; row += kBlock) {
      const int64_t rows = std::min(kBlock, g_.m - row);
      BlockPlace<P> at{.left = {left.data(), padded<P>(s.depth)},
                       .right = right.panels,
                       .right_stride = right.stride,
                       .steps = s.steps(),
                       .c = g_.c + row * g_.ldc,
                       .columns = g_.n,
                       .add = g_.add || s.from > 0,
                       .bias = s.from + s.depth == g_.k ? g_.bias : nullptr};
      if (!as_it_lies) pack_left(s, row, rows, left.data());
      if constexpr (P::kAsItIs)
        if (as_it_lies) at.left = {g_.a + row * g_.lda + s.from, g_.lda};
      for (; at.columns > 0; at.columns -= kPanel, at.c += kPanel, at.right += right.step) {
        const E* next = at.columns <= kPanel ? right.panels : at.right + right.step;
        multiply_panel<P>(g_.ldc, at, tiles, rows, Ahead(next, bytes, tiles_over<P>(rows, kPanelVectors) * s.steps()));
        if (at.bias != nullptr) at.bias += kPanel;
      }
    }
  }

  Gemm<float> g_;
};

// sums[r] = a . b[r] over n values.
template <int kRows>
HWY_INLINE void dots(const float* a, const float* b, int64_t stride, int64_t n, float* sums) {
  Lanes part[kRows] = {};
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
inline void multiply_dots(const Gemm<float>& g) {
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

// A column times a row, such as a weight's gradient from one step of one sequence: nothing is read twice.
inline void multiply_outer(const Gemm<float>& g) {
  const int64_t step = g.trans_a ? 1 : g.lda;
  for (int64_t i = 0; i < g.m; ++i) {
    const Lanes left(g.a[i * step]);
    float* c = g.c + i * g.ldc;
    for (int64_t j = 0; j < g.n; j += kLanes) {
      const int64_t n = g.n - j;
      const Lanes product = left * Lanes::load(g.b + j, n);
      (g.add ? Lanes::load(c + j, n) + product : product).store(c + j, n);
    }
  }
}

inline void set_zero(const Gemm<float>& g) {
  for (int64_t i = 0; i < g.m; ++i) std::fill_n(g.c + i * g.ldc, g.n, 0.0f);
}

// For products that are not made of tiles.
inline void add_bias(const Gemm<float>& g) {
  for (int64_t i = 0; i < g.m; ++i) {
    float* c = g.c + i * g.ldc;
    for (int64_t j = 0; j < g.n; j += kLanes)
      (Lanes::load(c + j, g.n - j) + Lanes::load(g.bias + j, g.n - j)).store(c + j, g.n - j);
  }
}

template <class P>
void multiply(const Gemm<float>& g) {
  constexpr int64_t kFew = 2;
  if (g.m == 0 || g.n == 0) return;
  const bool outer = g.k == 1 && !g.trans_b, dots = !g.trans_a && g.trans_b && std::min(g.m, g.n) <= kFew;
  if (g.k > 0 && !outer && !dots) return Product<P>(g).run();  // adds the bias as it stores
  if (g.k > 0)
    outer ? multiply_outer(g) : multiply_dots(g);
  else if (!g.add)
    set_zero(g);
  if (g.bias != nullptr) add_bias(g);
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
