#include "recur/tasks/metrics/forecasting.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "recur/base/quantile.h"

namespace recur {
namespace {

constexpr double kDeciles = 10;

// The values of step h of paths [S, H], in ascending order.
void sorted_step(std::span<const float> paths, size_t horizon, size_t h, std::vector<float>& out) {
  out.clear();
  for (size_t at = h; at < paths.size(); at += horizon) out.push_back(paths[at]);
  sort_numbers(out);
}

}  // namespace

double quantile_of(std::span<const float> sorted, double p) {
  assert(!sorted.empty());
  const double position = std::clamp(p * static_cast<double>(sorted.size() + 1) - 1, 0.0, double(sorted.size() - 1));
  const auto below = static_cast<size_t>(position);
  const double share = position - static_cast<double>(below);
  if (share == 0) return sorted[below];
  return (1 - share) * sorted[below] + share * sorted[below + 1];
}

std::vector<float> step_quantile(std::span<const float> paths, int64_t horizon, double p) {
  std::vector<float> out, values;
  for (size_t h = 0; h < static_cast<size_t>(horizon); ++h) {
    sorted_step(paths, static_cast<size_t>(horizon), h, values);
    out.push_back(static_cast<float>(quantile_of(values, p)));
  }
  return out;
}

void ForecastMeter::add(std::span<const float> actual, std::span<const float> paths, const ErrorScales& scales) {
  assert(!actual.empty() && !paths.empty() && paths.size() % actual.size() == 0);
  std::vector<float> median, values;
  for (size_t h = 0; h < actual.size(); ++h) {
    sorted_step(paths, actual.size(), h, values);
    median.push_back(static_cast<float>(quantile_of(values, 0.5)));
    if (!std::isnan(actual[h])) add_distribution(actual[h], values);
  }
  is_distribution_ |= paths.size() > actual.size();
  add_point(actual, median, scales);
}

void ForecastMeter::add_distribution(double actual, std::span<const float> sorted) {
  for (double k = 1; k < kDeciles; ++k) {
    const double p = k / kDeciles, error = actual - quantile_of(sorted, p);
    quantile_loss_ += 2 * std::max(p * error, (p - 1) * error) / (kDeciles - 1);
  }
  covered_ += actual >= quantile_of(sorted, 1 / kDeciles) && actual <= quantile_of(sorted, 1 - 1 / kDeciles) ? 1 : 0;
}

void ForecastMeter::add_point(std::span<const float> actual, std::span<const float> median, const ErrorScales& scales) {
  double smape = 0, absolute = 0;
  int64_t known = 0;
  for (size_t h = 0; h < actual.size(); ++h) {
    if (std::isnan(actual[h])) continue;
    const double y = actual[h], error = std::abs(y - median[h]), in_deviations = error / scales.deviation;
    const double both = std::abs(y + scales.offset) + std::abs(median[h] + scales.offset);
    smape += both > 0 ? 200 * error / both : 0;
    absolute += error;
    size_ += std::abs(y + scales.offset);
    squares_ += error * error;
    squares_in_deviations_ += in_deviations * in_deviations;
    absolute_in_deviations_ += in_deviations;
    // Welford's update: sums of squares would cancel where the level is high.
    const double from_mean = y - mean_;
    mean_ += from_mean / ++steps_;
    spread_ += from_mean * (y - mean_);
    ++known;
  }
  if (known == 0) return;
  ++windows_;
  smape_ += smape / static_cast<double>(known);
  absolute_ += absolute;
  if (scales.seasonal > 0) {
    ++scaled_windows_;
    mase_ += absolute / static_cast<double>(known) / scales.seasonal;
  }
}

double ForecastMeter::ratio(double a, double b) { return b > 0 ? a / b : std::numeric_limits<double>::quiet_NaN(); }

double ForecastMeter::rmse() const { return std::sqrt(ratio(squares_, steps_)); }

double ForecastMeter::rse() const { return std::sqrt(ratio(squares_, spread_)); }

std::optional<double> overall_weighted_average(const ForecastMeter& meter, const ForecastMeter& naive2) {
  if (!(naive2.smape() > 0) || !(naive2.mase() > 0)) return std::nullopt;
  return (meter.smape() / naive2.smape() + meter.mase() / naive2.mase()) / 2;
}

}  // namespace recur
