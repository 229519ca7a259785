// Loops and products whose tiles are a matrix unit's, one in software, for the instruction set in use.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/kernels/tiled_test.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/cpu/gemm-inl.h"
#include "recur/kernels/panels-inl.h"
#include "recur/kernels/recurrent-inl.h"
#include "tests/support/emulated_tiles.h"
#include "tests/support/recurrent_loop.h"

#ifndef RECUR_TESTS_TILED_ONCE_
#define RECUR_TESTS_TILED_ONCE_
namespace recur::testing {

// What is tested, for one instruction set.
struct TiledKernels {
  std::vector<kernels::RecurrentKernels<float, bf16>> cells;
  void (*gemm)(const kernels::Gemm<float>& product) = nullptr;
  void (*panels)(const kernels::Gemm<float>& product, bool alone) = nullptr;  // without gaps in b
};

}  // namespace recur::testing
#endif

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

// A cell of additions alone: whole numbers stay whole, and their sums have the same bits in any order.
template <int kCount, bool kApart>
struct Additions : GateDefaults {
  static constexpr int kGates = kCount, kStates = 2, kSaved = kCount, kUnitWeights = 0;
  static constexpr bool kSplit = kApart;

  template <class V>
  static HWY_INLINE void forward(const V* x, const V* r, const V*, V* s, V* saved) {
    V sum = s[1];
    for (int g = 0; g < kGates; ++g) {
      saved[g] = x[g] - r[g];
      sum = sum + (g % 2 == 0 ? saved[g] : x[g] + r[g]);
    }
    s[1] = s[0];
    s[0] = sum;
  }

  template <class V>
  static HWY_INLINE void backward(const Step<V>& at, V* ds, V* dx, V* dr, V*) {
    for (int g = 0; g < kGates; ++g) {
      dx[g] = ds[0] + at.saved[g];
      if (kSplit) dr[g] = ds[1] - at.saved[g];
    }
    ds[1] = at.before[0] - ds[0];
    ds[0] = V(1.0f);
  }
};

// Every width of a forward panel, input and product as one and apart.
template <class P>
std::vector<RecurrentKernels<float, bf16>> cells_of_additions() {
  return {recurrent_kernels<Additions<1, false>, P>(), recurrent_kernels<Additions<2, true>, P>(),
          recurrent_kernels<Additions<3, true>, P>(), recurrent_kernels<Additions<4, false>, P>()};
}

using EmulatedTiles = Tiled<Half<Lanes>, testing::EmulatedUnit>;

void multiply_by_panels(const Gemm<float>& g, bool alone) {
  using P = EmulatedTiles;
  const Extent size{.rows = g.k, .columns = g.n};
  const Scratch<bf16> packed(panels_size<P>(size));
  g.trans_b ? pack_panels_transposed<P>(g.b, size, packed.data()) : pack_panels<P>(g.b, size, packed.data());
  multiply_panels<P>({.rows = g.m,
                      .depth = g.k,
                      .columns = g.n,
                      .left = g.a,
                      .left_stride = g.lda,
                      .panels = packed.data(),
                      .c = g.c,
                      .c_stride = g.ldc,
                      .add = g.add,
                      .alone = alone});
}

testing::TiledKernels tiled_kernels() {
  return {.cells = cells_of_additions<EmulatedTiles>(), .gemm = multiply<EmulatedTiles>, .panels = multiply_by_panels};
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <gtest/gtest.h>

namespace recur {
HWY_EXPORT(tiled_kernels);

namespace testing {
namespace {

using kernels::Gemm;
using Loop = RecurrentLoop<float, bf16>;

const TiledKernels& tiled() {
  static const bool limited = kernels::use_reference();  // makes RECUR_TARGET count
  static const TiledKernels chosen = HWY_DYNAMIC_DISPATCH(tiled_kernels)();
  (void)limited;
  return chosen;
}

// Whose sums are chains in the order of k.
const std::vector<kernels::RecurrentKernels<float, bf16>>& reference() {
  namespace here = HWY_NAMESPACE;
  static const auto cells = here::cells_of_additions<here::Half<Scalar<float>>>();
  return cells;
}

constexpr size_t kCells = 4;

void expect_as_reference(const RecurrentProblem& problem) {
  for (size_t i = 0; i < kCells; ++i) {
    Loop loop(tiled().cells[i], problem), expected(reference()[i], problem);
    loop.run();
    expected.run();
    EXPECT_EQ(loop.results(), expected.results())
        << i + 1 << " gates, H " << problem.hidden << ", F " << problem.input << ", B " << problem.lengths.size()
        << (problem.reverse ? ", reverse" : "");
    EXPECT_TRUE(EmulatedUnit::is_released());
  }
}

TEST(TiledLoops, AgreeWithTheReferenceToTheLastBit) {
  const std::vector<std::vector<int64_t>> lengths = {{1}, {3}, {2, 2}, {3, 1, 0}, {2, 2, 2, 1, 1, 1, 1, 1, 1}};
  for (const int64_t H : {1, 5, 15, 16, 17, 33, 49})
    for (size_t i = 0; i < lengths.size(); ++i)
      expect_as_reference({lengths[i], H, (static_cast<size_t>(H) + i) % 2 == 0, 7 * (H % 6), true});
}

// More rows than a tile has, fewer at each step, so that the unit is configured anew.
TEST(TiledLoops, TakeAnyNumberOfRows) {
  for (const int64_t rows : {16, 17, 31, 33, 40}) {
    RecurrentProblem problem{.lengths = {}, .hidden = 18, .input = 3, .whole = true};
    for (int64_t row = 0; row < rows; ++row) problem.lengths.push_back(1 + 3 * (rows - row) / (rows + 1));
    expect_as_reference(problem);
  }
}

TEST(TiledLoops, AnySplitOfTheBatchGivesTheSameBits) {
  const RecurrentProblem problem{.lengths = std::vector<int64_t>(19, 2), .hidden = 37, .input = 5};
  for (size_t i = 0; i < kCells; ++i) {
    Loop whole(tiled().cells[i], problem);
    whole.run();
    for (const std::vector<int64_t>& cuts : {std::vector<int64_t>{0, 1, 19}, {0, 9, 16, 19}, {0, 17, 18, 19}}) {
      Loop parts(tiled().cells[i], problem);
      parts.run(cuts);
      EXPECT_TRUE(same_bits(parts.results(), whole.results())) << i + 1 << " gates, " << cuts.size() - 1 << " parts";
    }
  }
}

std::vector<float> whole_numbers(int64_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = std::round(3 * random.normal());
  return values;
}

struct Product {
  Product(int64_t m, int64_t n, int64_t k, int form, bool biased) {
    g.trans_a = (form & 1) != 0;
    g.trans_b = (form & 2) != 0;
    g.add = form == 2;
    g.m = m, g.n = n, g.k = k;
    g.lda = g.trans_a ? m + 1 : k + 3;
    g.ldb = g.trans_b ? k : n;
    g.ldc = n + 2;
    g.a = arrays.copy_of(whole_numbers((g.trans_a ? k : m) * g.lda, 1));
    g.b = arrays.copy_of(whole_numbers(k * n, 2));
    if (biased) g.bias = arrays.copy_of(whole_numbers(n, 3));
    g.c = arrays.make(m * g.ldc, 5);
  }

  void check() const {
    for (int64_t i = 0; i < g.m; ++i)
      for (int64_t j = 0; j < g.ldc; ++j) {
        double sum = g.add || j >= g.n ? 5 : 0;
        if (g.bias != nullptr && j < g.n) sum += static_cast<double>(g.bias[j]);
        for (int64_t k = 0; j < g.n && k < g.k; ++k)
          sum += static_cast<double>(g.a[g.trans_a ? k * g.lda + i : i * g.lda + k]) *
                 static_cast<double>(g.b[g.trans_b ? j * g.ldb + k : k * g.ldb + j]);
        ASSERT_EQ(g.c[i * g.ldc + j], sum) << g.m << "x" << g.n << "x" << g.k << " at " << i << ", " << j;
      }
  }

  GuardedArrays<float> arrays;
  Gemm<float> g{};
};

TEST(TiledProducts, AreRightForEveryShape) {
  const auto check = [](int64_t m, int64_t n, int64_t k) {
    for (int form = 0; form < 4; ++form) {
      Product product(m, n, k, form, true);
      tiled().gemm(product.g);
      ASSERT_NO_FATAL_FAILURE(product.check()) << "form " << form;
      if (product.g.trans_a) continue;
      for (const bool alone : {false, true}) {
        if (alone && m > 1) continue;
        Product by_panels(m, n, k, form, false);
        tiled().panels(by_panels.g, alone);
        ASSERT_NO_FATAL_FAILURE(by_panels.check()) << "by panels, form " << form;
      }
    }
    EXPECT_TRUE(EmulatedUnit::is_released());
  };
  for (int64_t rows = 1; rows <= 40; ++rows) check(rows, 20, 33);
  for (int64_t depth = 1; depth <= 100; depth += 3) check(5, 17, depth);
  for (const int64_t columns : {1, 15, 16, 31, 33, 48, 64, 65, 130}) check(3, columns, 40);
  check(18, 70, 1101);  // several stretches of the depth
  check(195, 3, 16);    // several blocks of rows
}

TEST(TiledProducts, AnyCutGivesTheSameBits) {
  const int64_t m = 37, n = 90, k = 150;
  Product whole(m, n, k, 0, false);
  Random random(3);
  for (float* data : {const_cast<float*>(whole.g.a), const_cast<float*>(whole.g.b)})
    std::generate_n(data, data == whole.g.a ? m * whole.g.lda : k * n, [&] { return random.normal(); });
  const auto of_parts = [&](const auto& multiply, int64_t rows) {
    std::vector<float> c(static_cast<size_t>(m * whole.g.ldc));
    for (int64_t row = 0; row < m; row += rows) {
      Gemm<float> part = whole.g;
      part.m = std::min(rows, m - row);
      part.a += row * part.lda;
      part.c = c.data() + row * part.ldc;
      multiply(part);
    }
    return c;
  };
  const auto panels = [](const Gemm<float>& g) { tiled().panels(g, false); };
  for (const int64_t rows : {5, 16, 17, 18}) {
    EXPECT_TRUE(same_bits(of_parts(tiled().gemm, rows), of_parts(tiled().gemm, m))) << rows;
    EXPECT_TRUE(same_bits(of_parts(panels, rows), of_parts(panels, m))) << rows << " by panels";
  }
  EXPECT_TRUE(same_bits(of_parts(panels, 1), of_parts(panels, m)));
}

}  // namespace
}  // namespace testing
}  // namespace recur
#endif
