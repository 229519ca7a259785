#include "recur/tasks/forecast/theta.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "recur/tasks/forecast/seasonal_factors.h"

namespace recur {
namespace {

struct Smoothed {
  double level = 0, smoothing = 1;
};

// The level after y[n - 1] by the smoothing, of tenths, whose forecasts of the next step have the least squared error.
Smoothed smoothed(std::span<const double> y) {
  constexpr int kTenths = 10;
  Smoothed best;
  double least = std::numeric_limits<double>::infinity();
  for (int tenth = 1; tenth <= kTenths; ++tenth) {
    const double smoothing = static_cast<double>(tenth) / kTenths;
    double level = y.front(), squares = 0;
    for (const double value : y.subspan(1)) {
      const double error = value - level;
      squares += error * error;
      level += smoothing * error;
    }
    if (squares < least) least = squares, best = {level, smoothing};
  }
  return best;
}

}  // namespace

int64_t theta_reach(int64_t season) {
  constexpr int64_t kSeasons = 20, kLeast = 200;
  return std::max(kSeasons * season, kLeast);
}

std::vector<float> theta_forecast(std::span<const float> past, int64_t season, int64_t horizon, double offset) {
  std::vector<double> y = filled(past.last(std::min(past.size(), static_cast<size_t>(theta_reach(season)))));
  if (y.empty()) return std::vector<float>(static_cast<size_t>(horizon), 0);
  for (double& value : y) value += offset;
  const auto m = static_cast<size_t>(season), n = y.size();
  const std::vector<double> factors = seasonal_factors(y, m, SeasonTest::kDetrended);
  for (size_t back = 1; back <= n; ++back) y[n - back] /= factors[m - 1 - (back - 1) % m];
  const auto [level, smoothing] = smoothed(y);
  const double drift = slope_of(y) / 2, begun = (1 - std::pow(1 - smoothing, static_cast<double>(n))) / smoothing;
  std::vector<float> out;
  for (size_t h = 0; h < static_cast<size_t>(horizon); ++h) {
    const double straight = level + drift * (static_cast<double>(h) + begun);
    out.push_back(static_cast<float>(straight * factors[h % m] - offset));
  }
  return out;
}

}  // namespace recur
