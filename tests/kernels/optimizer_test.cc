// The optimisers' rules in SIMD against the scalar reference.
#include "recur/kernels/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/random.h"
#include "tests/support/guarded.h"

namespace recur::kernels {
namespace {

using testing::GuardedArrays;

std::vector<float> normal(int64_t n, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(n));
  Random(seed).normal(values);
  return values;
}

void expect_close(const float* got, const float* expected, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    ASSERT_NEAR(got[i], expected[i], 1e-6 * (1 + std::abs(expected[i]))) << i << " of " << n;
}

// Runs f(kernels, elements) with both kernels over guarded arrays of many lengths and compares all that it wrote.
template <class F>
void expect_same_as_reference(const F& f) {
  for (const int64_t n : {0, 1, 3, 8, 15, 16, 17, 31, 33, 64, 100}) {
    GuardedArrays<float> arrays;
    const auto elements = [&] {
      Elements<float> e{.n = n, .w = arrays.copy_of(normal(n, 1)), .g = arrays.copy_of(normal(n, 2))};
      for (int k = 0; k < Elements<float>::kMaxKept; ++k) {
        std::vector<float> kept = normal(n, 3 + static_cast<uint64_t>(k));
        for (float& value : kept) value = std::abs(value);
        e.kept[k] = arrays.copy_of(kept);
      }
      e.scale = 0.3f;
      e.decay = 0.1f;
      return e;
    };
    const Elements<float> got = elements(), expected = elements();
    f(optimizer_kernels<float>(), got);
    f(reference_optimizer_kernels<float>(), expected);
    expect_close(got.w, expected.w, n);
    for (int k = 0; k < Elements<float>::kMaxKept; ++k) expect_close(got.kept[k], expected.kept[k], n);
  }
}

using Kernels = OptimizerKernels<float>;

TEST(OptimizerKernels, SgdAgreesWithTheReference) {
  for (const float momentum : {0.0f, 0.9f})
    for (const bool nesterov : {false, true})
      expect_same_as_reference([&](const Kernels& kernels, const Elements<float>& on) {
        kernels.sgd({.rate = 0.1f, .momentum = momentum, .fresh = 0.8f, .nesterov = nesterov}, on);
      });
}

TEST(OptimizerKernels, AdamAgreesWithTheReference) {
  for (const bool amsgrad : {false, true})
    expect_same_as_reference([&](const Kernels& kernels, const Elements<float>& on) {
      kernels.adam({.rate = 0.1f,
                    .beta1 = 0.9f,
                    .rest1 = 0.1f,
                    .beta2 = 0.99f,
                    .rest2 = 0.01f,
                    .unbias = 3,
                    .epsilon = 1e-3f,
                    .keep = 0.9f,
                    .amsgrad = amsgrad},
                   on);
    });
}

TEST(OptimizerKernels, RmspropAgreesWithTheReference) {
  for (const float momentum : {0.0f, 0.9f})
    for (const bool centered : {false, true})
      expect_same_as_reference([&](const Kernels& kernels, const Elements<float>& on) {
        kernels.rmsprop(
            {.rate = 0.1f, .alpha = 0.9f, .rest = 0.1f, .epsilon = 0.1f, .momentum = momentum, .centered = centered},
            on);
      });
}

TEST(OptimizerKernels, AdagradAgreesWithTheReference) {
  expect_same_as_reference(
      [](const Kernels& kernels, const Elements<float>& on) { kernels.adagrad({.rate = 0.1f, .epsilon = 1e-3f}, on); });
}

TEST(OptimizerKernels, ANotANumberAmongTheGradientsStaysAtItsElement) {
  std::vector<float> w(20, 1), g(20, 1), sum(20, 1);
  g[17] = std::numeric_limits<float>::quiet_NaN();
  optimizer_kernels<float>().adagrad({.rate = 1, .epsilon = 0},
                                     {.n = 20, .w = w.data(), .g = g.data(), .kept = {sum.data()}});
  for (size_t i = 0; i < w.size(); ++i) EXPECT_EQ(std::isnan(w[i]), i == 17) << i;
}

TEST(OptimizerKernels, SumOfSquaresIsExactToDoublePrecision) {
  for (const int64_t n : {0, 1, 7, 8, 31, 32, 33, 1000}) {
    GuardedArrays<float> arrays;
    const float* x = arrays.copy_of(normal(n, 5));
    double expected = 0;
    for (int64_t i = 0; i < n; ++i) expected += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    EXPECT_NEAR(optimizer_kernels<float>().sum_of_squares(x, n), expected, 1e-13 * expected);
  }
  const std::vector<float> large(10, 3e38f);
  EXPECT_TRUE(std::isfinite(optimizer_kernels<float>().sum_of_squares(large.data(), 10)));
}

}  // namespace
}  // namespace recur::kernels
