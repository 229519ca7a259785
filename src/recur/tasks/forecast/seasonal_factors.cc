#include "recur/tasks/forecast/seasonal_factors.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace recur {
namespace {

double mean_value(std::span<const double> y) {
  return std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
}

// Whether the autocorrelation at lag m is beyond Bartlett's limits. Like R's acf, no lag beyond 10 log10(n) is looked
// at, so that a long season in a short series does not show.
bool season_shows(std::span<const double> y, size_t season) {
  constexpr double k90Percent = 1.645;
  const auto n = static_cast<double>(y.size());
  if (season < 2 || y.size() < 3 * season || static_cast<double>(season) > std::floor(10 * std::log10(n))) return false;
  const double mean = mean_value(y);
  const auto covariance = [&](size_t lag) {
    double sum = 0;
    for (size_t t = lag; t < y.size(); ++t) sum += (y[t] - mean) * (y[t - lag] - mean);
    return sum;
  };
  const double variance = covariance(0);
  if (variance <= 0) return false;
  double squares = 0;
  for (size_t lag = 1; lag < season; ++lag) squares += std::pow(covariance(lag) / variance, 2);
  return std::abs(covariance(season) / variance) > k90Percent / std::sqrt(n) * std::sqrt(1 + 2 * squares);
}

// The centred moving mean over a season at t, the values at the ends counting half where m is even.
double trend_at(std::span<const double> y, size_t season, size_t t) {
  const size_t half = season / 2;
  double sum = std::accumulate(&y[t - half], &y[t + half] + 1, 0.0);
  if (season % 2 == 0) sum -= (y[t - half] + y[t + half]) / 2;
  return sum / static_cast<double>(season);
}

// The mean ratio to the trend of each step of the season, by t mod m, with mean 1.
std::vector<double> seasonal_ratios(std::span<const double> y, size_t season) {
  std::vector<double> ratio(season, 0), count(season, 0);
  for (size_t t = season / 2; t + season / 2 < y.size(); ++t) {
    ratio[t % season] += y[t] / trend_at(y, season, t);
    ++count[t % season];
  }
  for (size_t k = 0; k < season; ++k) ratio[k] /= count[k];
  const double mean = mean_value(ratio);
  for (double& each : ratio) each /= mean;
  return ratio;
}

}  // namespace

std::vector<double> filled(std::span<const float> values) {
  std::vector<double> out(values.begin(), values.end());
  const auto first = std::ranges::find_if(out, [](double y) { return !std::isnan(y); });
  if (first == out.end()) return {};
  std::fill(out.begin(), first, *first);
  for (size_t t = 1; t < out.size(); ++t) out[t] = std::isnan(out[t]) ? out[t - 1] : out[t];
  return out;
}

double slope_of(std::span<const double> y) {
  const auto n = static_cast<double>(y.size());
  double sum = 0;
  for (size_t t = 0; t < y.size(); ++t) sum += (static_cast<double>(t) - (n - 1) / 2) * y[t];
  return n > 1 ? sum * 12 / (n * (n * n - 1)) : 0;
}

std::vector<double> seasonal_factors(std::span<const double> y, size_t season, SeasonTest test) {
  std::vector<double> factors(season, 1.0), rest(y.begin(), y.end());
  if (season < 2 || std::ranges::any_of(y, [](double value) { return value <= 0; })) return factors;  // they multiply
  if (test == SeasonTest::kDetrended) {
    const double slope = slope_of(y);
    for (size_t t = 0; t < rest.size(); ++t) rest[t] -= slope * static_cast<double>(t);
  }
  if (!season_shows(rest, season)) return factors;
  const std::vector<double> by_time = seasonal_ratios(y, season);
  for (size_t k = 0; k < season; ++k) factors[k] = by_time[(y.size() + k) % season];
  return factors;
}

}  // namespace recur
