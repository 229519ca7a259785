#include "recur/tasks/forecast/window_scale.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr float kFlat = 1e-4f;  // of the mean size: a past that varies less is taken for flat

struct Moments {
  float last = 0, mean = 0, size = 0, deviation = 0;  // size: the mean absolute value
};

// Of the known values of steps begin .. end - 1, or of their logarithms.
Moments moments(const PanelSeries& s, int64_t begin, int64_t end, bool log) {
  double sum = 0, size = 0, squares = 0, count = 0;
  Moments out;
  // Relative to the first value, so that squares do not cancel where the level is high.
  float first = 0;
  for (int64_t t = begin; t < end; ++t) {
    if (std::isnan(s.values[t])) continue;
    if (log && !(s.values[t] > 0))
      fail("{}: step {}: expected a positive value, as log is set, got {}", s.where, t + 1, s.values[t]);
    out.last = log ? std::log(s.values[t]) : s.values[t];
    if (count++ == 0) first = out.last;
    const double from_first = out.last - first;
    sum += from_first;
    squares += from_first * from_first;
    size += std::abs(out.last);
  }
  if (count == 0) return out;
  const double mean = sum / count;
  out.mean = static_cast<float>(first + mean);
  out.size = static_cast<float>(size / count);
  out.deviation = static_cast<float>(std::sqrt(std::max(squares / count - mean * mean, 0.0)));
  return out;
}

float above_zero(float scale) { return scale > 0 && std::isfinite(scale) ? scale : 1; }

}  // namespace

float WindowScale::apply(float y) const { return map.apply(log ? std::log(y) : y); }

float WindowScale::invert(float z) const { return log ? std::exp(map.invert(z)) : map.invert(z); }

WindowScale window_scale(const Panel& panel, const ForecastWindow& window, const ScaleRule& rule) {
  const PanelSeries& s = panel.series[window.series];
  const int64_t end = std::min<int64_t>(window.origin, std::ssize(s.values));
  const Moments past = moments(s, std::max<int64_t>(end - rule.context, 0), end, rule.log);
  const auto trained = [&] {
    if (s.scale && !rule.log) return *s.scale;
    const Moments all = moments(s, 0, end, rule.log);
    return Affine{all.mean, above_zero(all.deviation)};
  };
  WindowScale out{.map = {}, .log = rule.log};
  if (rule.center == "last") out.map.shift = past.last;
  if (rule.center == "mean") out.map.shift = past.mean;
  if (rule.center == "standard") out.map.shift = trained().shift;
  if (rule.scaler == "mean") out.map.scale = above_zero(past.size);
  if (rule.scaler == "standard") out.map.scale = trained().scale;
  if (rule.scaler == "deviation") {
    out.map.scale = above_zero(past.deviation > kFlat * past.size ? past.deviation : past.size);
  }
  return out;
}

}  // namespace recur
