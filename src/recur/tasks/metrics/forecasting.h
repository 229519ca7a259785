// Metrics of forecasts over many windows of many series.
//
// A forecast of a window of H steps is S equally likely values of each step, [S, H] row-major: sampled paths, the
// quantiles 1/(S+1) .. S/(S+1) of each step, or, with S = 1, one point.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/io/metrics_log.h"

namespace recur {

// The quantile `p` in (0, 1) of equally likely values in ascending order: the value at position p (S + 1) of 1 .. S,
// between neighbours in proportion.
double quantile_of(std::span<const float> sorted, double p);

// The value at every step of quantile p of paths [S, H]: [H].
std::vector<float> step_quantile(std::span<const float> paths, int64_t horizon, double p);

// The scales by which the errors of a window are divided.
struct ErrorScales {
  double seasonal = 0;   // the mean |y_t - y_(t-m)| of the series' past; 0: there is none, MASE leaves the window out
  double deviation = 1;  // the standard deviation of the series, above 0
  double offset = 0;     // what was taken off actual values and forecasts alike
};

class ForecastMeter {
 public:
  // actual [H], NaN where it is not known; paths [S, H].
  void add(std::span<const float> actual, std::span<const float> paths, const ErrorScales& scales);

  int64_t windows() const { return windows_; }

  // Of the median forecast. Windows without a known value count nowhere.
  double smape() const { return ratio(smape_, static_cast<double>(windows_)); }       // percent, mean over windows
  double mase() const { return ratio(mase_, static_cast<double>(scaled_windows_)); }  // mean over windows
  double nd() const { return ratio(absolute_, size_); }                               // sum |y - f| / sum |y|
  double mse() const { return ratio(squares_in_deviations_, steps_); }
  double mae() const { return ratio(absolute_in_deviations_, steps_); }
  double rmse() const;
  // The root of sum (y - f)^2 / sum (y - mean y)^2 over all windows and steps (Lai et al. 2018).
  double rse() const;
  // Whether forecasts had several values a step.
  bool is_distribution() const { return is_distribution_; }
  // Of the distribution. The quantile losses of the deciles, twice their mean, against sum |y|: an estimate of the
  // continuous ranked probability score, which of a point is its nd.
  double crps() const { return ratio(quantile_loss_, size_); }
  // The share of values between the first and the last decile.
  double coverage() const { return ratio(covered_, steps_); }

 private:
  static double ratio(double a, double b);
  void add_point(std::span<const float> actual, std::span<const float> median, const ErrorScales& scales);
  void add_distribution(double actual, std::span<const float> sorted);

  bool is_distribution_ = false;
  int64_t windows_ = 0, scaled_windows_ = 0;
  double steps_ = 0, smape_ = 0, mase_ = 0, absolute_ = 0, size_ = 0, squares_ = 0;
  double squares_in_deviations_ = 0, absolute_in_deviations_ = 0, quantile_loss_ = 0, covered_ = 0;
  double mean_ = 0, spread_ = 0;  // of the actual values, and the sum of squared distances from it
};

// The mean of both ratios to Naive 2 (Makridakis et al. 2018); nothing where Naive 2 has no error to compare with.
std::optional<double> overall_weighted_average(const ForecastMeter& meter, const ForecastMeter& naive2);

}  // namespace recur
