// The table in use against the scalar reference: sizes around a vector's, and values at the ends of the range.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "recur/base/random.h"
#include "recur/kernels/kernels.h"
#include "tests/support/guarded.h"

namespace recur::kernels {
namespace {

using recur::testing::Guarded;
using recur::testing::GuardedArrays;

constexpr float kInfinity = INFINITY;

std::vector<float> normal(int64_t count, uint64_t seed, float scale = 1) {
  Random random(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = scale * random.normal();
  return values;
}

// Close relative to the largest, or the same infinity, or both NaN.
void expect_close(const float* got, const float* expected, int64_t n, double tolerance) {
  float largest = 0;
  for (int64_t i = 0; i < n; ++i)
    if (std::isfinite(expected[i])) largest = std::max(largest, std::abs(expected[i]));
  for (int64_t i = 0; i < n; ++i) {
    if (std::isfinite(expected[i])) {
      ASSERT_NEAR(got[i], expected[i], tolerance * largest + 1e-37) << "element " << i << " of " << n;
    } else {
      ASSERT_TRUE(got[i] == expected[i] || (std::isnan(got[i]) && std::isnan(expected[i])))
          << "element " << i << " of " << n << ": " << got[i] << ", " << expected[i];
    }
  }
}

TEST(Kernels, ProductsOfEveryOrientationAgree) {
  const std::vector<int64_t> sizes = {1, 2, 3, 7, 16, 17, 33};
  for (const int64_t m : sizes)
    for (const int64_t n : sizes)
      for (const int64_t k : {0, 1, 2, 3, 7, 16, 17, 33})
        for (int form = 0; form < 4; ++form) {
          GuardedArrays<float> arrays;
          Gemm<float> g{};
          g.trans_a = (form & 1) != 0;
          g.trans_b = (form & 2) != 0;
          g.m = m;
          g.n = n;
          g.k = k;
          g.lda = (g.trans_a ? m : k) + 2;  // rows further apart than they are long
          g.ldb = (g.trans_b ? k : n) + 1;
          g.ldc = n + 3;
          g.a = arrays.copy_of(normal((g.trans_a ? k : m) * g.lda, 1));
          g.b = arrays.copy_of(normal((g.trans_b ? n : k) * g.ldb, 2));
          const std::vector<float> before = normal(m * g.ldc, 3);
          g.add = form == 2;
          if ((m + n + k) % 2 == 0) g.bias = arrays.copy_of(normal(n, 4));
          float* expected = arrays.copy_of(before);
          g.c = expected;
          reference_table<float>().gemm(g);
          g.c = arrays.copy_of(before);
          table<float>().gemm(g);
          ASSERT_NO_FATAL_FAILURE(expect_close(g.c, expected, m * g.ldc, 1e-5)) << m << " " << n << " " << k;
          if (std::min(m, n) <= 2 || k == 1) continue;  // may be more exact
          g.c = expected = arrays.copy_of(before);
          reference_table<float>().gemm_bf16(g);
          g.c = arrays.copy_of(before);
          table<float>().gemm_bf16(g);
          ASSERT_NO_FATAL_FAILURE(expect_close(g.c, expected, m * g.ldc, 1e-5)) << m << " " << n << " " << k << " bf16";
        }
}

// Of matrices without gaps, whose elements are still to be given; A^T for form 1, B^T for 2, both for 3.
Gemm<float> whole_product(int form, int64_t m, int64_t n, int64_t k) {
  Gemm<float> g{};
  g.trans_a = (form & 1) != 0;
  g.trans_b = (form & 2) != 0;
  g.m = m, g.n = n, g.k = k;
  g.lda = g.trans_a ? m : k;
  g.ldb = g.trans_b ? k : n;
  g.ldc = n;
  return g;
}

// Enough for several blocks of rows, panels of columns and stretches of the depth.
TEST(Kernels, ProductsOfManyTilesAgree) {
  for (int form = 0; form < 4; ++form)
    for (const int64_t k : {65, 1101}) {
      const int64_t m = 203, n = 150;
      GuardedArrays<float> arrays;
      Gemm<float> g = whole_product(form, m, n, k);
      g.a = arrays.copy_of(normal(m * k, 1));
      g.b = arrays.copy_of(normal(n * k, 2));
      g.bias = arrays.copy_of(normal(n, 3));
      g.add = form == 2;
      const std::vector<float> before = normal(m * n, 4);
      for (const auto product : {&kernels::Table<float>::gemm, &kernels::Table<float>::gemm_bf16}) {
        float* expected = g.c = arrays.copy_of(before);
        (reference_table<float>().*product)(g);
        g.c = arrays.copy_of(before);
        (table<float>().*product)(g);
        ASSERT_NO_FATAL_FAILURE(expect_close(g.c, expected, m * n, 1e-5)) << form << " " << k;
      }
    }
}

// Rows or columns of C alone: what lets any number of threads share a product.
TEST(Kernels, AnyCutOfAProductGivesTheSameBits) {
  for (int form = 0; form < 4; ++form)
    for (const auto product : {&kernels::Table<float>::gemm, &kernels::Table<float>::gemm_bf16}) {
      const int64_t m = 131, n = 90, k = 700;
      Gemm<float> g = whole_product(form, m, n, k);
      const std::vector<float> a = normal(m * k, 1), b = normal(n * k, 2), bias = normal(n, 3);
      std::vector<float> whole(static_cast<size_t>(m * n)), cut(whole.size());
      g.a = a.data();
      g.b = b.data();
      g.bias = bias.data();
      g.c = whole.data();
      (table<float>().*product)(g);
      for (const int64_t rows : {7, 64}) {
        for (int64_t row = 0; row < m; row += rows) {
          Gemm<float> part = g;
          part.m = std::min(rows, m - row);
          if (part.m <= 2) part.m += 2, row -= 2;  // thinner ones may take another way
          part.a += row * (g.trans_a ? 1 : g.lda);
          part.c = cut.data() + row * n;
          (table<float>().*product)(part);
        }
        EXPECT_EQ(std::memcmp(cut.data(), whole.data(), whole.size() * sizeof(float)), 0) << form << ", rows " << rows;
      }
      for (int64_t column = 0; column < n; column += 30) {
        Gemm<float> part = g;
        part.n = 30;
        part.b += column * (g.trans_b ? g.ldb : 1);
        part.bias += column;
        part.c = cut.data() + column;
        (table<float>().*product)(part);
      }
      EXPECT_EQ(std::memcmp(cut.data(), whole.data(), whole.size() * sizeof(float)), 0) << form << ", columns";
    }
}

TEST(Kernels, AProductThatReplacesIgnoresWhatWasThere) {
  const std::vector<float> a = normal(6, 1), b = normal(6, 2);
  std::vector<float> c(4, NAN);
  table<float>().gemm(
      {.m = 2, .n = 2, .k = 3, .a = a.data(), .lda = 3, .b = b.data(), .ldb = 2, .c = c.data(), .ldc = 2});
  for (const float value : c) EXPECT_TRUE(std::isfinite(value));
}

TEST(Kernels, AProductPassesNanAndInfinityOn) {
  std::vector<float> a(8, 1), b(8, 1), c(4);
  a[0] = NAN;            // row 0 of a
  b[2 + 1] = kInfinity;  // column 1 of b
  table<float>().gemm(
      {.m = 2, .n = 2, .k = 4, .a = a.data(), .lda = 4, .b = b.data(), .ldb = 2, .c = c.data(), .ldc = 2});
  EXPECT_TRUE(std::isnan(c[0]) && std::isnan(c[1]));
  EXPECT_EQ(c[2], 4);
  EXPECT_EQ(c[3], kInfinity);
}

TEST(Kernels, ReductionsAgreeOverEveryAxis) {
  for (const Reduce op : {Reduce::kSum, Reduce::kMax})
    for (const int64_t outer : {1, 3})
      for (const int64_t n : {1, 2, 15, 16, 17, 63, 64, 65, 130, 5000})
        for (const int64_t inner : {1, 2, 7, 16, 33}) {
          GuardedArrays<float> arrays;
          const float* x = arrays.copy_of(normal(outer * n * inner, 4));
          float *got = arrays.make(outer * inner), *expected = arrays.make(outer * inner);
          table<float>().reduce(op, x, got, outer, n, inner);
          reference_table<float>().reduce(op, x, expected, outer, n, inner);
          ASSERT_NO_FATAL_FAILURE(expect_close(got, expected, outer * inner, op == Reduce::kMax ? 0 : 2e-6))
              << outer << " " << n << " " << inner;
        }
}

TEST(Kernels, ReductionsTakeInfinitiesAndTheSmallestNumbers) {
  for (const int64_t n : {3, 40, 100}) {
    std::vector<float> x(static_cast<size_t>(n), -kInfinity);
    float got = 0;
    table<float>().reduce(Reduce::kMax, x.data(), &got, 1, n, 1);
    EXPECT_EQ(got, -kInfinity);
    x[static_cast<size_t>(n) - 2] = -3e38f;
    table<float>().reduce(Reduce::kMax, x.data(), &got, 1, n, 1);
    EXPECT_EQ(got, -3e38f);
    std::fill(x.begin(), x.end(), 1e-40f);  // below the normal range
    table<float>().reduce(Reduce::kSum, x.data(), &got, 1, n, 1);
    EXPECT_NEAR(got, 1e-40 * static_cast<double>(n), 1e-42 * static_cast<double>(n));
    x[1] = kInfinity;
    table<float>().reduce(Reduce::kSum, x.data(), &got, 1, n, 1);
    EXPECT_EQ(got, kInfinity);
    x[2] = -kInfinity;
    table<float>().reduce(Reduce::kSum, x.data(), &got, 1, n, 1);
    EXPECT_TRUE(std::isnan(got));
  }
}

TEST(Kernels, ElementwiseFunctionsStayWithinTheirArrays) {
  for (int64_t n = 0; n < 70; ++n) {
    GuardedArrays<float> arrays;
    const float *a = arrays.copy_of(normal(n, 5)), *b = arrays.copy_of(normal(n, 6)), one = 0.7f;
    float *got = arrays.make(n), *expected = arrays.make(n);
    for (const Unary op : {Unary::kExp, Unary::kSigmoid, Unary::kTanh, Unary::kSin, Unary::kCos, Unary::kErf,
                           Unary::kNeg, Unary::kGeluTanh}) {
      table<float>().unary(op, a, got, n);
      reference_table<float>().unary(op, a, expected, n);
      ASSERT_NO_FATAL_FAILURE(expect_close(got, expected, n, 1e-6));
    }
    for (const Binary op :
         {Binary::kAdd, Binary::kDiv, Binary::kMax, Binary::kLess, Binary::kTanhGrad, Binary::kGeluTanhGrad}) {
      table<float>().binary(op, Stretch::kNone, a, b, got, n);
      reference_table<float>().binary(op, Stretch::kNone, a, b, expected, n);
      ASSERT_NO_FATAL_FAILURE(expect_close(got, expected, n, 1e-6));
      table<float>().binary(op, Stretch::kLeft, &one, b, got, n);
      reference_table<float>().binary(op, Stretch::kLeft, &one, b, expected, n);
      ASSERT_NO_FATAL_FAILURE(expect_close(got, expected, n, 1e-6));
      table<float>().binary(op, Stretch::kRight, a, &one, got, n);
      reference_table<float>().binary(op, Stretch::kRight, a, &one, expected, n);
      ASSERT_NO_FATAL_FAILURE(expect_close(got, expected, n, 1e-6));
    }
  }
}

TEST(Kernels, ExactFunctionsKnowTheSignOfZero) {
  const std::vector<float> zeros(20, -0.0f);
  std::vector<float> y(20);
  table<float>().unary(Unary::kSqrt, zeros.data(), y.data(), 20);
  for (const float value : y) EXPECT_TRUE(value == 0 && std::signbit(value));
  table<float>().unary(Unary::kReciprocal, zeros.data(), y.data(), 20);
  for (const float value : y) EXPECT_EQ(value, -kInfinity);
  table<float>().unary(Unary::kAbs, zeros.data(), y.data(), 20);
  for (const float value : y) EXPECT_FALSE(std::signbit(value));
  table<float>().unary(Unary::kNeg, zeros.data(), y.data(), 20);
  for (const float value : y) EXPECT_FALSE(std::signbit(value));
}

// Rows of logits with what models make of them: masks, overflow, ties, one class alone.
std::vector<float> hard_rows(int64_t rows, int64_t n) {
  std::vector<float> x = normal(rows * n, 7, 20);
  for (int64_t r = 0; r < rows; ++r) {
    float* row = x.data() + r * n;
    if (r % 6 == 1) std::fill(row, row + n, -3e38f);
    if (r % 6 == 2) row[n - 1] = 3e38f;
    if (r % 6 == 3 && n > 1) std::fill(row + 1, row + n, -kInfinity);
    if (r % 6 == 4) std::fill(row, row + n, 88.5f);
    if (r % 6 == 5) row[n / 2] = NAN;
  }
  return x;
}

TEST(Kernels, SoftmaxAgreesOnHardRows) {
  for (const int64_t n : {1, 2, 15, 16, 17, 33, 65}) {
    GuardedArrays<float> arrays;
    const float* x = arrays.copy_of(hard_rows(12, n));
    float *got = arrays.make(12 * n), *expected = arrays.make(12 * n);
    for (const bool logarithm : {false, true}) {
      table<float>().softmax(x, got, 12, n, logarithm);
      reference_table<float>().softmax(x, expected, 12, n, logarithm);
      for (int64_t r = 0; r < 12; ++r)
        ASSERT_NO_FATAL_FAILURE(expect_close(got + r * n, expected + r * n, n, 2e-6))
            << "row " << r << (logarithm ? " of the logarithm" : "");
    }
  }
}

TEST(Kernels, CrossEntropyAgreesOnHardRows) {
  for (const int64_t n : {2, 16, 17, 50})
    for (const float smoothing : {0.0f, 0.1f}) {
      const int64_t rows = 12;
      GuardedArrays<float> arrays;
      std::vector<float> x = hard_rows(rows, n);
      // Smoothing gives every class a share, also one that a mask makes impossible: infinite in both.
      std::vector<int32_t> targets;
      for (int64_t r = 0; r < rows; ++r) targets.push_back(r == 4 ? -1 : static_cast<int32_t>(r % 6 == 3 ? 0 : r % n));
      const CrossEntropy<float> args{.rows = rows,
                                     .classes = n,
                                     .logits = arrays.copy_of(x),
                                     .targets = targets.data(),
                                     .ignored = -1,
                                     .smoothing = smoothing};
      float *got = arrays.make(rows), *expected = arrays.make(rows);
      table<float>().cross_entropy(args, got);
      reference_table<float>().cross_entropy(args, expected);
      for (int64_t r = 0; r < rows; ++r) {
        if (r % 6 == 2 && smoothing > 0) continue;  // sums of 3e38 and its opposite: order decides what overflows
        if (r % 6 == 1 && smoothing > 0) continue;
        ASSERT_NO_FATAL_FAILURE(expect_close(got + r, expected + r, 1, 1e-5)) << "row " << r << " of " << n;
      }
      EXPECT_EQ(got[4], 0);
      const float* weights = arrays.copy_of(normal(rows, 8));
      float *grad = arrays.make(rows * n), *grad_expected = arrays.make(rows * n);
      table<float>().cross_entropy_grad(args, weights, grad);
      reference_table<float>().cross_entropy_grad(args, weights, grad_expected);
      for (int64_t r = 0; r < rows; ++r)
        ASSERT_NO_FATAL_FAILURE(expect_close(grad + r * n, grad_expected + r * n, n, 5e-6)) << "row " << r;
    }
}

TEST(Kernels, LayerNormAgreesOnEveryLengthAndOnConstantRows) {
  for (const bool affine : {false, true})
    for (const int64_t n : {1, 2, 3, 8, 15, 16, 17, 33, 64, 65}) {
      const int64_t rows = 3;
      GuardedArrays<float> arrays;
      std::vector<float> values = normal(rows * n, 9);
      for (int64_t j = 0; j < n; ++j) values[static_cast<size_t>(n + j)] = 3;             // a constant row
      for (int64_t j = 0; j < n; ++j) values[static_cast<size_t>(2 * n + j)] += 1000.0f;  // far from 0
      const float* x = arrays.copy_of(values);
      const float* weight = affine ? arrays.copy_of(normal(n, 10)) : nullptr;
      const float* bias = affine ? arrays.copy_of(normal(n, 11)) : nullptr;
      const LayerNorm<float> args{.rows = rows, .n = n, .x = x, .weight = weight, .bias = bias, .eps = 1e-5f};
      float *y = arrays.make(rows * n), *means = arrays.make(rows), *scales = arrays.make(rows);
      float *y2 = arrays.make(rows * n), *means2 = arrays.make(rows), *scales2 = arrays.make(rows);
      table<float>().layer_norm(args, y, means, scales);
      reference_table<float>().layer_norm(args, y2, means2, scales2);
      for (int64_t r = 0; r < 2; ++r) ASSERT_NO_FATAL_FAILURE(expect_close(y + r * n, y2 + r * n, n, 1e-5)) << n;
      ASSERT_NO_FATAL_FAILURE(expect_close(y + 2 * n, y2 + 2 * n, n, 1e-3)) << n;
      const LayerNormGrad<float> back{.rows = rows,
                                      .n = n,
                                      .x = x,
                                      .weight = weight,
                                      .means = means2,
                                      .scales = scales2,
                                      .g = arrays.copy_of(normal(rows * n, 12))};
      float *dx = arrays.make(rows * n), *dw = arrays.make(n, 1), *db = arrays.make(n, 2);
      float *dx2 = arrays.make(rows * n), *dw2 = arrays.make(n, 1), *db2 = arrays.make(n, 2);
      table<float>().layer_norm_grad(back, dx, dw, db);
      reference_table<float>().layer_norm_grad(back, dx2, dw2, db2);
      ASSERT_NO_FATAL_FAILURE(expect_close(db, db2, n, 1e-5)) << n;
      ASSERT_NO_FATAL_FAILURE(expect_close(dw, dw2, n, 1e-5)) << n;
      if (n > 1) {
        ASSERT_NO_FATAL_FAILURE(expect_close(dx, dx2, n, 1e-4)) << n;
      }
    }
}

}  // namespace
}  // namespace recur::kernels
