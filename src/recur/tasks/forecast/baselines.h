// Baseline forecasts without training, to which every model is compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/tasks/metrics/forecasting.h"

namespace recur {

// What is known of a series before its first window: values are not looked at again for later windows.
class SeriesPast {
 public:
  // past: the values in order of time, NaN where missing; season: m steps, 1 for none; offset: what was taken off them.
  SeriesPast(std::span<const float> past, int64_t season, double offset = 0);

  // The mean |y_t - y_(t-m)| and the standard deviation. For a past of m values or fewer m counts as 1.
  const ErrorScales& scales() const { return scales_; }
  // seasonal_factors() of it.
  const std::vector<double>& indices() const { return indices_; }
  double offset() const { return scales_.offset; }

 private:
  ErrorScales scales_;
  std::vector<double> indices_;
};

enum class Baseline {
  kSeasonalNaive,  // the value one season before; the last one where m is 1
  kDrift,          // the straight line through the first and last value of the past
  kTheta,          // see theta.h
  kNaive2,         // the last value, adjusted for the season (classical multiplicative decomposition; M4)
};
inline constexpr Baseline kBaselines[] = {Baseline::kSeasonalNaive, Baseline::kDrift, Baseline::kTheta,
                                          Baseline::kNaive2};
std::string baseline_name(Baseline baseline);  // "seasonal naive"

// Where a window stands in its series.
struct BaselineWindow {
  std::span<const float> past;  // all values before the window, at least one of them known
  int64_t since_first = 0;      // steps from the first window of the series, whose past `facts` tells of
  int64_t horizon = 0;          // H
};
// [H]
std::vector<float> baseline_forecast(Baseline baseline, const BaselineWindow& window, const SeriesPast& facts);

}  // namespace recur
