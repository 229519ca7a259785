#include "recur/tasks/denoise/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

struct Moments {
  double mean = 0, variance = 0;
};

template <class Values>
Moments moments_of(const Values& values) {
  Moments out;
  for (const auto value : values) out.mean += static_cast<double>(value);
  out.mean /= static_cast<double>(std::size(values));
  for (const auto value : values) out.variance += std::pow(static_cast<double>(value) - out.mean, 2);
  out.variance /= static_cast<double>(std::size(values));
  return out;
}

std::vector<float> noisy(const DenoiseNoiseOptions& options, float value, uint64_t seed = 1) {
  std::vector<float> values(20000, value);
  Random random(seed);
  add_noise(values, options, random);
  return values;
}

TEST(AddNoise, OfGaussianHasItsDeviation) {
  const Moments found = moments_of(noisy({.level = {25}, .cut = false}, 0.5f));
  EXPECT_NEAR(found.mean, 0.5, 0.003);
  EXPECT_NEAR(std::sqrt(found.variance), 25.0 / 255, 0.002);
  for (const float value : noisy({.level = {100}}, 0.9f)) {
    EXPECT_GE(value, 0);
    EXPECT_LE(value, 1);
  }
  EXPECT_EQ(noisy({.level = {0}}, 0.25f), std::vector<float>(20000, 0.25f));
}

TEST(AddNoise, OfSaltAndPepperMakesSharesBlackAndWhite) {
  const std::vector<float> values = noisy({.kind = "salt-pepper", .level = {20}}, 0.5f);
  const auto black = std::ranges::count(values, 0.0f), white = std::ranges::count(values, 1.0f);
  EXPECT_NEAR(static_cast<double>(black), 2000, 200);
  EXPECT_NEAR(static_cast<double>(white), 2000, 200);
  EXPECT_EQ(std::ranges::count(values, 0.5f) + black + white, 20000);
}

TEST(AddNoise, OfPoissonVariesWithTheLight) {
  const Moments dark = moments_of(noisy({.kind = "poisson", .level = {100}, .cut = false}, 0.1f));
  const Moments light = moments_of(noisy({.kind = "poisson", .level = {100}, .cut = false}, 0.8f));
  EXPECT_NEAR(dark.variance, 0.1 / 100, 0.0001);
  EXPECT_NEAR(light.variance, 0.8 / 100, 0.0008);
}

TEST(AddNoise, DrawsALevelForEachPicture) {
  double least = 1000, most = 0;
  for (uint64_t seed = 1; seed < 30; ++seed) {
    const double deviation = std::sqrt(moments_of(noisy({.level = {10, 50}, .cut = false}, 0.5f, seed)).variance);
    least = std::min(least, 255 * deviation);
    most = std::max(most, 255 * deviation);
  }
  EXPECT_GT(least, 9.5);
  EXPECT_LT(least, 15);
  EXPECT_GT(most, 45);
  EXPECT_LT(most, 51);
}

TEST(CheckNoise, NamesWhatDoesNotFit) {
  EXPECT_ERROR(check_noise({.level = {9, 5}}), "level: expected one number, or the least and the greatest, got 9,5");
  EXPECT_ERROR(check_noise({.level = {1, 2, 3}}), "got 1,2,3");
  EXPECT_ERROR(check_noise({.kind = "salt-pepper", .level = {101}}), "expected a percentage of salt-pepper noise");
  EXPECT_ERROR(check_noise({.kind = "poisson", .level = {0, 5}}), "expected at least 1 photon");
  EXPECT_ERROR(check_noise({.kind = "mixed", .impulses = {}}), "impulses: expected one number or two, got none");
  check_noise({.kind = "mixed"});
}

}  // namespace
}  // namespace recur
