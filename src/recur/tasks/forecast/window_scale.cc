#include "recur/tasks/forecast/window_scale.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/tasks/forecast/panel_data.h"
#include "recur/tasks/forecast/theta_past.h"

namespace recur {
namespace {

constexpr float kFlat = 1e-4f;  // of the mean size: a past that varies less is taken for flat

struct Moments {
  float last = 0, mean = 0, size = 0, deviation = 0;  // size: the mean absolute value
};

// Of known values, one after the other. Relative to the first one, so that squares do not cancel where the level is
// high.
class MomentSums {
 public:
  void add(float y) {
    last_ = y;
    if (count_++ == 0) first_ = y;
    const double from_first = y - first_;
    sum_ += from_first;
    squares_ += from_first * from_first;
    size_ += std::abs(y);
  }
  Moments result() const {
    if (count_ == 0) return {};
    const double mean = sum_ / count_;
    return {.last = last_,
            .mean = static_cast<float>(first_ + mean),
            .size = static_cast<float>(size_ / count_),
            .deviation = static_cast<float>(std::sqrt(std::max(squares_ / count_ - mean * mean, 0.0)))};
  }

 private:
  double sum_ = 0, size_ = 0, squares_ = 0, count_ = 0;
  float first_ = 0, last_ = 0;
};

// Of the known values of steps begin .. end - 1, or of their logarithms.
Moments moments(const PanelSeries& s, int64_t begin, int64_t end, bool log) {
  MomentSums sums;
  for (int64_t t = begin; t < end; ++t) {
    const float y = s.value(t);
    if (std::isnan(y)) continue;
    if (log && !(y > 0)) {
      fail("{}: step {}: expected a value above 0, as the model forecasts logarithms, got {}; train with center = last",
           s.where, t + 1, y);
    }
    sums.add(log ? std::log(y) : y);
  }
  return sums.result();
}

struct Steps {
  int64_t begin, end;
};

// What scales a window from step `end` on: its context or, where that has no known value, as many steps up to the last
// one.
Steps scaling_steps(const PanelSeries& s, int64_t end, int64_t context) {
  const int64_t last = last_known(s, end);
  if (last >= 0 && last < end - context) end = last + 1;
  return {std::max<int64_t>(end - context, 0), end};
}

// The Theta method's forecast, of a short past the last value.
std::vector<float> base_of(const PanelSeries& s, int64_t end, const ScaleRule& rule) {
  if (auto theta = theta_before(s, end, rule.season, rule.horizon)) return std::move(*theta);
  const int64_t last = last_known(s, end);
  return std::vector<float>(static_cast<size_t>(rule.horizon), last >= 0 ? s.value(last) : 0);
}

float above_zero(float scale) { return scale > 0 && std::isfinite(scale) ? scale : 1; }

}  // namespace

float WindowScale::apply(float y) const { return map.apply(log ? std::log(y) : y); }

float WindowScale::invert(float z) const { return log ? std::exp(map.invert(z)) : map.invert(z); }

Affine past_scale(const PanelData& data, int64_t series, int64_t end) {
  MomentSums sums;
  data.for_each_part(series, 0, end, [&](std::span<const float> values, int64_t) {
    for (const float y : values) {
      if (!std::isnan(y)) sums.add(y);
    }
  });
  const Moments all = sums.result();
  return {all.mean, above_zero(all.deviation)};
}

WindowScale window_scale(const Panel& panel, const ForecastWindow& window, const ScaleRule& rule) {
  const PanelSeries& s = panel.series[window.series];
  const int64_t end = std::min<int64_t>(window.origin, s.steps);
  const Steps context = scaling_steps(s, end, rule.context);
  const Moments past = moments(s, context.begin, context.end, rule.log);
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
  if (rule.base == "theta") {
    for (const float y : base_of(s, end, rule)) out.base.push_back(out.apply(y));
  }
  return out;
}

}  // namespace recur
