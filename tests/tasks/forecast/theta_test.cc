#include "recur/tasks/forecast/theta.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/random.h"

namespace recur {
namespace {

using Series = std::vector<float>;

Series noisy_line(int64_t n) {
  Random random(3);
  Series y;
  for (int64_t t = 0; t < n; ++t) y.push_back(static_cast<float>(20 + 0.4 * static_cast<double>(t) + random.normal()));
  return y;
}

struct Line {
  double at_0, slope;
};

Line fitted_line(const Series& y) {
  const auto n = static_cast<double>(y.size());
  double t1 = 0, t2 = 0, y1 = 0, ty = 0;
  for (size_t t = 0; t < y.size(); ++t) {
    const auto x = static_cast<double>(t);
    t1 += x, t2 += x * x, y1 += y[t], ty += x * y[t];
  }
  const double slope = (n * ty - t1 * y1) / (n * t2 - t1 * t1);
  return {(y1 - slope * t1) / n, slope};
}

// As Assimakopoulos and Nikolopoulos define it: the mean of the straight line and of simple exponential smoothing of
// the series with twice the distances from that line, here with the best smoothing of the plain series.
double by_theta_lines(const Series& y, size_t ahead) {
  const Line line = fitted_line(y);
  double least = std::numeric_limits<double>::infinity(), smoothing = 1;
  for (int tenth = 1; tenth <= 10; ++tenth) {
    double level = y[0], squares = 0;
    for (size_t t = 1; t < y.size(); ++t) {
      squares += (y[t] - level) * (y[t] - level);
      level += tenth / 10.0 * (y[t] - level);
    }
    if (squares < least) least = squares, smoothing = tenth / 10.0;
  }
  double level = 2 * y[0] - line.at_0;
  for (size_t t = 1; t < y.size(); ++t) {
    level += smoothing * (2 * y[t] - (line.at_0 + line.slope * static_cast<double>(t)) - level);
  }
  const double straight = line.at_0 + line.slope * static_cast<double>(y.size() + ahead);
  return (straight + level) / 2;
}

TEST(Theta, IsTheMeanOfTheTwoThetaLines) {
  const Series y = noisy_line(60);
  const std::vector<float> theta = theta_forecast(y, 1, 12);
  for (const size_t ahead : {0u, 1u, 11u}) EXPECT_NEAR(theta[ahead], by_theta_lines(y, ahead), 1e-4);
}

TEST(Theta, GoesOnWithASeasonThatMultiplies) {
  const double factors[] = {0.5, 1.5, 1.0, 1.0};
  Series y;
  for (int t = 0; t < 42; ++t) y.push_back(static_cast<float>(10 * factors[t % 4]));
  const std::vector<float> theta = theta_forecast(y, 4, 8);
  for (size_t ahead = 0; ahead < 8; ++ahead) EXPECT_NEAR(theta[ahead], 10 * factors[(42 + ahead) % 4], 1e-3);
}

TEST(Theta, FindsASeasonBesideATrend) {
  const double factors[] = {0.8, 1.2, 1.1, 0.9};
  Series y;
  for (int t = 0; t < 24; ++t) y.push_back(static_cast<float>((10 + 3 * t) * factors[t % 4]));
  const std::vector<float> theta = theta_forecast(y, 4, 2);
  EXPECT_GT(theta[1] / theta[0], 1.3);  // 1.2 to 0.8
}

TEST(Theta, TakesValuesThatWereMovedByAnOffset) {
  Series y = noisy_line(48), moved = y;
  for (float& value : moved) value -= 16;
  EXPECT_NEAR(theta_forecast(moved, 12, 4, 16)[3] + 16, theta_forecast(y, 12, 4)[3], 1e-3);
}

TEST(Theta, KnowsNothingOfNothing) {
  constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(theta_forecast(Series{}, 4, 3), (Series{0, 0, 0}));
  EXPECT_EQ(theta_forecast(Series{kMissing, kMissing}, 4, 1), Series{0});
  EXPECT_EQ(theta_forecast(Series{5}, 4, 2), (Series{5, 5}));
  EXPECT_EQ(theta_forecast(Series{kMissing, 5, kMissing}, 1, 1), Series{5});
}

TEST(Theta, LooksBackOn200Steps) {
  const Series y = noisy_line(200);
  Series longer = y;
  longer.insert(longer.begin(), 1000, 7000.0f);
  EXPECT_EQ(theta_forecast(y, 1, 5), theta_forecast(longer, 1, 5));
}

}  // namespace
}  // namespace recur
