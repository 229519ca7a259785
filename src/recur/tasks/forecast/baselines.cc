#include "recur/tasks/forecast/baselines.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/tasks/forecast/seasonal_factors.h"
#include "recur/tasks/forecast/theta.h"

namespace recur {
namespace {

double mean_of(std::span<const double> y) {
  return std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
}

double deviation_of(std::span<const double> y) {
  const double mean = mean_of(y);
  double squares = 0;
  for (const double value : y) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(y.size()));
  return deviation > 0 ? deviation : 1;
}

double seasonal_difference(std::span<const double> y, size_t season) {
  if (y.size() <= season) season = 1;
  if (y.size() <= season) return 0;
  double sum = 0;
  for (size_t t = season; t < y.size(); ++t) sum += std::abs(y[t] - y[t - season]);
  return sum / static_cast<double>(y.size() - season);
}

float last_known(std::span<const float> past) {
  for (size_t t = past.size(); t > 0; --t) {
    if (!std::isnan(past[t - 1])) return past[t - 1];
  }
  return 0;
}

float season_before(const BaselineWindow& window, size_t season, size_t h) {
  const auto& past = window.past;
  for (size_t back = season - h % season; back <= past.size(); back += season) {
    if (!std::isnan(past[past.size() - back])) return past[past.size() - back];
  }
  return last_known(past);
}

double drift(std::span<const float> past) {
  const auto known = [](float y) { return !std::isnan(y); };
  const auto first = std::ranges::find_if(past, known);
  const auto last = std::find_if(past.rbegin(), past.rend(), known).base() - 1;
  return last > first ? (*last - *first) / static_cast<double>(last - first) : 0;
}

// Forecasts of step h behind the past, from 0: of the line through the first and the last value,
float on_line(std::span<const float> past, size_t h) {
  return static_cast<float>(last_known(past) + drift(past) * static_cast<double>(h + 1));
}

// and of the last value, adjusted for the season.
float last_adjusted(const BaselineWindow& window, const SeriesPast& facts, size_t h) {
  const std::vector<double>& indices = facts.indices();
  const size_t season = indices.size(), shift = static_cast<size_t>(window.since_first);
  const double last = last_known(window.past) + facts.offset();
  return static_cast<float>(last / indices[(shift + season - 1) % season] * indices[(shift + h) % season] -
                            facts.offset());
}

}  // namespace

SeriesPast::SeriesPast(std::span<const float> past, int64_t season, double offset)
    : indices_(static_cast<size_t>(season), 1.0) {
  scales_.offset = offset;
  std::vector<double> y = filled(past);
  if (y.empty()) return;
  const size_t m = indices_.size();
  scales_ = {.seasonal = seasonal_difference(y, m), .deviation = deviation_of(y), .offset = offset};
  for (double& value : y) value += offset;
  indices_ = seasonal_factors(y, m);
}

std::string baseline_name(Baseline baseline) {
  switch (baseline) {
    case Baseline::kSeasonalNaive:
      return "seasonal naive";
    case Baseline::kDrift:
      return "drift";
    case Baseline::kTheta:
      return "theta";
    case Baseline::kNaive2:
      break;
  }
  return "naive 2";
}

std::vector<float> baseline_forecast(Baseline baseline, const BaselineWindow& window, const SeriesPast& facts) {
  if (baseline == Baseline::kTheta)
    return theta_forecast(window.past, std::ssize(facts.indices()), window.horizon, facts.offset());
  std::vector<float> out;
  for (size_t h = 0; h < static_cast<size_t>(window.horizon); ++h) {
    if (baseline == Baseline::kSeasonalNaive) out.push_back(season_before(window, facts.indices().size(), h));
    if (baseline == Baseline::kDrift) out.push_back(on_line(window.past, h));
    if (baseline == Baseline::kNaive2) out.push_back(last_adjusted(window, facts, h));
  }
  return out;
}

}  // namespace recur
