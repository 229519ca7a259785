// The functions of a vector against plain numbers in f64, and its loads and stores at the end of memory, for every
// instruction set.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/kernels/cpu/lanes_test.cc"
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)  // as the library
#endif
#include <hwy/foreach_target.h>
// clang-format on

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/ref/scalar_math.h"
#include "tests/kernels/cpu/every_target.h"
#include "tests/support/guarded.h"

#ifndef RECUR_TESTS_LANES_FUNCTIONS
#define RECUR_TESTS_LANES_FUNCTIONS
namespace recur::testing {
// y [n] = f(x) of each; in vectors, the last one partly filled.
enum class Function {
  kExp,
  kBoundedExp,
  kSigmoid,
  kPreciseSigmoid,
  kTanh,
  kRelu,
  kStep,
  kNegate,
  kAtLeast,
  kAtMost,
  kClamp
};
struct LanesFunctions {
  int64_t lanes;
  void (*map)(Function f, const float* x, int64_t n, float* y);
  void (*fma)(const float* a, const float* b, const float* c, float* y, int64_t n);
};
}  // namespace recur::testing
#endif

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {
namespace {

using testing::Function;

HWY_INLINE Lanes apply(Function f, Lanes x) {
  switch (f) {
    case Function::kExp:
      return exp(x);
    case Function::kBoundedExp:
      return bounded_exp(x);
    case Function::kSigmoid:
      return sigmoid(x);
    case Function::kPreciseSigmoid:
      return precise_sigmoid(x);
    case Function::kTanh:
      return tanh(x);
    case Function::kRelu:
      return relu(x);
    case Function::kStep:
      return step(x);
    case Function::kNegate:
      return -x;
    case Function::kAtLeast:
      return at_least(-1.5f, x);
    case Function::kAtMost:
      return at_most(2.5f, x);
    case Function::kClamp:
      return clamp(x, -1.5f, 2.5f);
  }
  return x;
}

void map(Function f, const float* x, int64_t n, float* y) {
  for (int64_t i = 0; i < n; i += Lanes::kCount) apply(f, Lanes::load(x + i, n - i)).store(y + i, n - i);
}

void fused(const float* a, const float* b, const float* c, float* y, int64_t n) {
  for (int64_t i = 0; i < n; i += Lanes::kCount) {
    const int64_t left = n - i;
    fma(Lanes::load(a + i, left), Lanes::load(b + i, left), Lanes::load(c + i, left)).store(y + i, left);
  }
}

testing::LanesFunctions lanes_functions() { return {kLanes, map, fused}; }

}  // namespace
}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
namespace {
HWY_EXPORT(lanes_functions);
}  // namespace

namespace testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();

LanesFunctions here() { return HWY_DYNAMIC_DISPATCH(lanes_functions)(); }

std::vector<float> mapped(Function f, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  here().map(f, x.data(), std::ssize(x), y.data());
  return y;
}

std::vector<float> from_to(double first, double last, int count) {
  std::vector<float> x;
  for (int i = 0; i < count; ++i) x.push_back(static_cast<float>(first + (last - first) * i / (count - 1)));
  return x;
}

TEST(Lanes, PartsOfAVectorTouchTheirOwnElementsAlone) {
  on_every_target([] {
    const LanesFunctions lanes = here();
    for (int64_t n = 0; n <= 2 * lanes.lanes + 1; ++n) {
      GuardedArrays<float> arrays;
      const float* x = arrays.copy_of(from_to(-3, 4, static_cast<int>(n) + 2));
      float* y = arrays.make(n);  // ends where memory does
      lanes.map(Function::kNegate, x + 2, n, y);
      for (int64_t i = 0; i < n; ++i) EXPECT_EQ(y[i], -x[i + 2]) << n;
      std::vector<float> roomy(static_cast<size_t>(n) + 20, 77);
      lanes.map(Function::kNegate, x + 2, n, roomy.data());
      for (size_t i = static_cast<size_t>(n); i < roomy.size(); ++i) EXPECT_EQ(roomy[i], 77) << n;
    }
  });
}

TEST(Lanes, ExpIsRightOverAllOfF32) {
  on_every_target([] {
    const std::vector<float> x = from_to(-103, 88.7, 20011), y = mapped(Function::kExp, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double want = std::exp(static_cast<double>(x[i]));
      // Below the smallest normal number its steps are what can be told apart.
      EXPECT_NEAR(y[i], want, std::max(4e-7 * want, 1.5e-45)) << x[i];
    }
    const std::vector<float> ends = mapped(Function::kExp, {0, -kInfinity, -1e30f, -105, kInfinity, 89, 1e30f, kNan});
    EXPECT_EQ(ends[0], 1);
    for (const size_t i : {1, 2, 3}) EXPECT_EQ(ends[i], 0);
    for (const size_t i : {4, 5, 6}) EXPECT_EQ(ends[i], kInfinity);
    EXPECT_TRUE(std::isnan(ends[7]));
  });
}

TEST(Lanes, BoundedExpIsRightWithinItsBoundsAndStopsThere) {
  on_every_target([] {
    const std::vector<float> x = from_to(-87, 88, 10007), y = mapped(Function::kBoundedExp, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double want = std::exp(static_cast<double>(x[i]));
      EXPECT_NEAR(y[i], want, 4e-7 * want) << x[i];
    }
    const std::vector<float> ends = mapped(Function::kBoundedExp, {-kInfinity, -1000, kInfinity, 1000, kNan});
    for (const size_t i : {0, 1}) EXPECT_TRUE(ends[i] >= 0 && ends[i] < 2e-38f) << ends[i];
    for (const size_t i : {2, 3}) EXPECT_TRUE(ends[i] > 1e38f && ends[i] < kInfinity) << ends[i];
    EXPECT_TRUE(std::isnan(ends[4]));
  });
}

// allowed(right value): the error that may be.
void expect_sigmoid(Function f, double (*allowed)(double want)) {
  on_every_target([&] {
    const std::vector<float> x = from_to(-80, 80, 20011), y = mapped(f, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double want = 1 / (1 + std::exp(-static_cast<double>(x[i])));
      EXPECT_NEAR(y[i], want, allowed(want)) << x[i];
      EXPECT_TRUE(y[i] >= 0 && y[i] <= 1) << x[i];
    }
    const std::vector<float> ends = mapped(f, {-kInfinity, -kLargest, kInfinity, kLargest, 0, kNan});
    for (const size_t i : {0, 1}) EXPECT_TRUE(ends[i] >= 0 && ends[i] < 1e-37f) << ends[i];
    for (const size_t i : {2, 3}) EXPECT_EQ(ends[i], 1);
    EXPECT_EQ(ends[4], 0.5f);
    EXPECT_TRUE(std::isnan(ends[5]));
  });
}

TEST(Lanes, SigmoidOfGatesIsRightToALastBitOfOne) {
  expect_sigmoid(Function::kSigmoid, [](double) { return 2e-7; });
}

TEST(Lanes, PreciseSigmoidIsRightInItsTail) {
  expect_sigmoid(Function::kPreciseSigmoid, [](double want) { return 5e-7 * want; });
}

TEST(Lanes, TanhIsRightOddAndNeverBeyondOne) {
  on_every_target([] {
    std::vector<float> x = from_to(0, 9, 20011);
    for (float tiny = 1; tiny > 0; tiny /= 8) x.push_back(tiny);
    std::vector<float> opposite;
    for (const float each : x) opposite.push_back(-each);
    const std::vector<float> y = mapped(Function::kTanh, x), of_opposite = mapped(Function::kTanh, opposite);
    for (size_t i = 0; i < x.size(); ++i) {
      const double want = std::tanh(static_cast<double>(x[i]));
      EXPECT_NEAR(y[i], want, std::max(4e-7 * want, 1.5e-45)) << x[i];
      EXPECT_LE(y[i], 1) << x[i];
      EXPECT_EQ(of_opposite[i], -y[i]) << x[i];
    }
    const std::vector<float> ends = mapped(Function::kTanh, {kInfinity, -kInfinity, kLargest, -kLargest, -0.0f, kNan});
    for (const size_t i : {0, 2}) EXPECT_EQ(ends[i], 1);
    for (const size_t i : {1, 3}) EXPECT_EQ(ends[i], -1);
    EXPECT_TRUE(ends[4] == 0 && std::signbit(ends[4]));
    EXPECT_TRUE(std::isnan(ends[5]));
  });
}

TEST(Lanes, BoundsLetNotANumberThrough) {
  on_every_target([] {
    const std::vector<float> x{-kInfinity, -2, -1.5f, 0, 2.5f, 3, kInfinity, kNan};
    const auto expect = [&](Function f, const std::vector<float>& want) {
      const std::vector<float> y = mapped(f, x);
      for (size_t i = 0; i + 1 < x.size(); ++i) EXPECT_EQ(y[i], want[i]) << i;
      EXPECT_TRUE(std::isnan(y.back()));
    };
    expect(Function::kAtLeast, {-1.5f, -1.5f, -1.5f, 0, 2.5f, 3, kInfinity});
    expect(Function::kAtMost, {-kInfinity, -2, -1.5f, 0, 2.5f, 2.5f, 2.5f});
    expect(Function::kClamp, {-1.5f, -1.5f, -1.5f, 0, 2.5f, 2.5f, 2.5f});
    expect(Function::kRelu, {0, 0, 0, 0, 2.5f, 3, kInfinity});
  });
}

TEST(Lanes, AStepIsOneAboveZeroAlone) {
  on_every_target([] {
    EXPECT_EQ(mapped(Function::kStep, {-1, -0.0f, 0, 1e-45f, 5, kInfinity, kNan}),
              (std::vector<float>{0, 0, 0, 1, 1, 1, 0}));
  });
}

TEST(Lanes, MultiplyAndAddAsPlainNumbersDo) {
  on_every_target([] {
    const std::vector<float> a = from_to(-3, 5, 37), b = from_to(2, -7, 37), c = from_to(0.1, 9, 37);
    std::vector<float> y(37);
    here().fma(a.data(), b.data(), c.data(), y.data(), 37);
    for (size_t i = 0; i < 37; ++i) {
      const double exact = static_cast<double>(a[i]) * static_cast<double>(b[i]) + static_cast<double>(c[i]);
      // Rounded once where the instruction set can, else twice.
      EXPECT_NEAR(y[i], exact,
                  1.2e-7 * (std::abs(static_cast<double>(a[i]) * static_cast<double>(b[i])) + std::abs(exact)));
    }
  });
}

TEST(Lanes, AreThoseThatPlainNumbersOfTheSameNamesGive) {
  on_every_target([] {
    const std::vector<float> x = from_to(-20, 20, 401);
    const auto expect_near = [&](Function f, Scalar<float> (*plain)(Scalar<float>)) {
      const std::vector<float> y = mapped(f, x);
      for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(y[i], plain(x[i]).v, 6e-7 * std::abs(plain(x[i]).v)) << x[i];
    };
    expect_near(Function::kPreciseSigmoid, [](Scalar<float> v) { return sigmoid(v); });
    expect_near(Function::kTanh, [](Scalar<float> v) { return tanh(v); });
    expect_near(Function::kRelu, [](Scalar<float> v) { return relu(v); });
    expect_near(Function::kStep, [](Scalar<float> v) { return step(v); });
  });
}

}  // namespace
}  // namespace testing
}  // namespace recur
#endif
