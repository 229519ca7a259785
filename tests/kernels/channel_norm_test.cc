// The passes of batch normalisation in SIMD against sums in f64.
#include "recur/kernels/channel_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

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

// One channel of three, in two images with n values each: the middle one, between values that do not count.
struct Channel {
  explicit Channel(int64_t n) : on{.runs = 2, .n = n, .stride = 3 * n} {}

  std::vector<float> values(uint64_t seed) const { return normal(on.stride * on.runs, seed); }
  double sum(const std::function<double(size_t)>& term) const {
    double whole = 0;
    for (int64_t r = 0; r < on.runs; ++r)
      for (int64_t i = 0; i < on.n; ++i) whole += term(static_cast<size_t>(r * on.stride + on.n + i));
    return whole;
  }

  ChannelRuns on;
};

TEST(ChannelNorm, EveryPassAgreesWithSumsInF64) {
  constexpr float kMean = 0.3f;
  const auto& run = channel_norm_kernels<float>();
  for (const int64_t n : {1, 3, 8, 15, 16, 17, 31, 64, 65, 100}) {
    const Channel channel(n);
    const std::vector<float> x = channel.values(1), g = channel.values(2);
    const double tolerance = 1e-5 * static_cast<double>(n);
    EXPECT_NEAR(run.sum(channel.on, x.data() + n), channel.sum([&](size_t i) { return double{x[i]}; }), tolerance) << n;
    const auto d = [&](size_t i) { return double{x[i]} - double{kMean}; };
    EXPECT_NEAR(run.squares(channel.on, x.data() + n, kMean), channel.sum([&](size_t i) { return d(i) * d(i); }),
                tolerance)
        << n;
    const ChannelGradSums sums = run.gradient_sums(channel.on, g.data() + n, x.data() + n, kMean);
    EXPECT_NEAR(sums.g, channel.sum([&](size_t i) { return double{g[i]}; }), tolerance) << n;
    EXPECT_NEAR(sums.product, channel.sum([&](size_t i) { return double{g[i]} * d(i); }), tolerance) << n;
  }
}

TEST(ChannelNorm, WritesItsChannelAlone) {
  const auto &run = channel_norm_kernels<float>(), &reference = reference_channel_norm_kernels<float>();
  for (const int64_t n : {1, 5, 16, 33, 70}) {
    const Channel channel(n);
    GuardedArrays<float> arrays;
    const float *x = arrays.copy_of(channel.values(1)), *g = arrays.copy_of(channel.values(2));
    float *got = arrays.copy_of(channel.values(3)), *expected = arrays.copy_of(channel.values(3));
    const auto expect_same = [&] {
      for (int64_t i = 0; i < channel.on.stride * channel.on.runs; ++i)
        ASSERT_NEAR(got[i], expected[i], 1e-5) << n << ' ' << i;
    };
    run.scale(channel.on, x + n, 0.3f, 2, -1, got + n);
    reference.scale(channel.on, x + n, 0.3f, 2, -1, expected + n);
    expect_same();
    run.gradient(channel.on, g + n, x + n, 0.3f, 0.5f, -0.25f, 0.1f, got + n);
    reference.gradient(channel.on, g + n, x + n, 0.3f, 0.5f, -0.25f, 0.1f, expected + n);
    expect_same();
    EXPECT_EQ(got[0], channel.values(3)[0]);
  }
}

}  // namespace
}  // namespace recur::kernels
