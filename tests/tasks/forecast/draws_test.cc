#include "recur/tasks/forecast/draws.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace recur {
namespace {

struct Moments {
  double mean, variance;
};

Moments moments(const std::function<double(Random&)>& draw) {
  constexpr int kDraws = 40000;
  Random random(3);
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = draw(random);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kDraws;
  return {mean, squares / kDraws - mean * mean};
}

TEST(DrawGamma, HasMeanAndVarianceOfItsShape) {
  for (const double shape : {0.3, 1.0, 2.5, 30.0}) {
    const Moments got = moments([&](Random& random) { return draw_gamma(shape, random); });
    EXPECT_NEAR(got.mean, shape, 0.03 * (1 + shape)) << shape;
    EXPECT_NEAR(got.variance, shape, 0.06 * (1 + shape)) << shape;
  }
}

TEST(DrawPoisson, HasMeanAndVarianceOfItsMeanBothBelowAndAboveTheSwitch) {
  for (const double mean : {0.0, 0.5, 9.9, 10.1, 250.0}) {
    const Moments got = moments([&](Random& random) { return draw_poisson(mean, random); });
    EXPECT_NEAR(got.mean, mean, 0.02 * (1 + mean)) << mean;
    EXPECT_NEAR(got.variance, mean, 0.05 * (1 + mean)) << mean;
  }
}

TEST(DrawPoisson, GivesWholeNumbers) {
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const double x = draw_poisson(40, random);
    EXPECT_EQ(x, std::floor(x));
    EXPECT_GE(x, 0);
  }
}

TEST(Draws, OfWhatIsNoNumberEndAndAreNone) {
  Random random(1);
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_TRUE(std::isnan(draw_gamma(bad, random)));
    EXPECT_TRUE(std::isnan(draw_poisson(bad, random)));
  }
}

}  // namespace
}  // namespace recur
