#include "recur/tasks/forecast/baselines.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace recur {
namespace {

// Missing values as the ones before them, those at the beginning as the first known one.
std::vector<double> filled(std::span<const float> values) {
  std::vector<double> out(values.begin(), values.end());
  const auto first = std::ranges::find_if(out, [](double y) { return !std::isnan(y); });
  if (first == out.end()) return {};
  std::fill(out.begin(), first, *first);
  for (size_t t = 1; t < out.size(); ++t) out[t] = std::isnan(out[t]) ? out[t - 1] : out[t];
  return out;
}

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

// Whether the autocorrelation at lag m is beyond Bartlett's limits. Like R's acf, no lag beyond 10 log10(n) is looked
// at, so that a long season in a short series does not show.
bool season_shows(std::span<const double> y, size_t season) {
  constexpr double k90Percent = 1.645;
  const auto n = static_cast<double>(y.size());
  if (season < 2 || y.size() < 3 * season || static_cast<double>(season) > std::floor(10 * std::log10(n))) return false;
  const double mean = mean_of(y);
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
  const double mean = mean_of(ratio);
  for (double& each : ratio) each /= mean;
  return ratio;
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

}  // namespace

SeriesPast::SeriesPast(std::span<const float> past, int64_t season, double offset)
    : indices_(static_cast<size_t>(season), 1.0) {
  scales_.offset = offset;
  std::vector<double> y = filled(past);
  if (y.empty()) return;
  const size_t m = indices_.size();
  scales_ = {.seasonal = seasonal_difference(y, m), .deviation = deviation_of(y), .offset = offset};
  for (double& value : y) value += offset;
  const bool positive = std::ranges::all_of(y, [](double value) { return value > 0; });
  if (!positive || !season_shows(y, m)) return;  // the factors multiply
  const std::vector<double> by_time = seasonal_ratios(y, m);
  for (size_t k = 0; k < m; ++k) indices_[k] = by_time[(y.size() + k) % m];
}

std::string baseline_name(Baseline baseline) {
  switch (baseline) {
    case Baseline::kSeasonalNaive:
      return "seasonal naive";
    case Baseline::kDrift:
      return "drift";
    case Baseline::kNaive2:
      break;
  }
  return "naive 2";
}

std::vector<float> baseline_forecast(Baseline baseline, const BaselineWindow& window, const SeriesPast& facts) {
  const std::vector<double>& indices = facts.indices();
  const size_t season = indices.size(), shift = static_cast<size_t>(window.since_first);
  const double last = last_known(window.past), slope = drift(window.past), offset = facts.offset();
  std::vector<float> out;
  for (size_t h = 0; h < static_cast<size_t>(window.horizon); ++h) {
    switch (baseline) {
      case Baseline::kSeasonalNaive:
        out.push_back(season_before(window, season, h));
        break;
      case Baseline::kDrift:
        out.push_back(static_cast<float>(last + slope * static_cast<double>(h + 1)));
        break;
      case Baseline::kNaive2:
        out.push_back(static_cast<float>(
            (last + offset) / indices[(shift + season - 1) % season] * indices[(shift + h) % season] - offset));
        break;
    }
  }
  return out;
}

}  // namespace recur
