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
  constexpr ChannelScale<float> kBy{.mean = 0.3f, .scale = 2, .shift = -0.5f};
  const auto& run = channel_norm_kernels<float>();
  for (const int64_t n : {1, 3, 8, 15, 16, 17, 31, 64, 65, 100}) {
    const Channel channel(n);
    const std::vector<float> x = channel.values(1), g = channel.values(2);
    const double tolerance = 1e-5 * static_cast<double>(n);
    EXPECT_NEAR(run.sum(channel.on, x.data() + n), channel.sum([&](size_t i) { return double{x[i]}; }), tolerance) << n;
    const auto d = [&](size_t i) { return double{x[i]} - double{kBy.mean}; };
    EXPECT_NEAR(run.squares(channel.on, x.data() + n, kBy.mean), channel.sum([&](size_t i) { return d(i) * d(i); }),
                tolerance)
        << n;
    for (const bool relu : {false, true}) {
      ChannelScale<float> by = kBy;
      by.relu = relu;
      const auto own = [&](size_t i) { return !relu || 2 * d(i) - 0.5 > 0 ? double{g[i]} : 0; };
      const ChannelGradSums sums = run.gradient_sums(channel.on, by, g.data() + n, x.data() + n);
      EXPECT_NEAR(sums.g, channel.sum(own), tolerance) << n;
      EXPECT_NEAR(sums.product, channel.sum([&](size_t i) { return own(i) * d(i); }), tolerance) << n;
    }
  }
}

TEST(ChannelNorm, WritesItsChannelAlone) {
  const auto &run = channel_norm_kernels<float>(), &reference = reference_channel_norm_kernels<float>();
  for (const bool relu : {false, true}) {
    for (const int64_t n : {1, 5, 16, 33, 70}) {
      const Channel channel(n);
      const ChannelScale<float> by{.mean = 0.3f, .scale = 2, .shift = -0.5f, .relu = relu};
      const ChannelGradient<float> of{.of_g = 0.5f, .of_x = -0.25f, .shift = 0.1f};
      GuardedArrays<float> arrays;
      const float *x = arrays.copy_of(channel.values(1)), *g = arrays.copy_of(channel.values(2));
      float *got = arrays.copy_of(channel.values(3)), *expected = arrays.copy_of(channel.values(3));
      const auto expect_same = [&] {
        for (int64_t i = 0; i < channel.on.stride * channel.on.runs; ++i) {
          ASSERT_NEAR(got[i], expected[i], 1e-5) << n << ' ' << i;
        }
      };
      run.scale(channel.on, by, x + n, got + n);
      reference.scale(channel.on, by, x + n, expected + n);
      expect_same();
      run.gradient(channel.on, by, g + n, x + n, of, got + n);
      reference.gradient(channel.on, by, g + n, x + n, of, expected + n);
      expect_same();
      EXPECT_EQ(got[0], channel.values(3)[0]);
    }
  }
}

}  // namespace
}  // namespace recur::kernels
