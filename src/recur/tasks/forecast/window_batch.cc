#include "recur/tasks/forecast/window_batch.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {

WindowPast scaled_past(const Panel& panel, const ForecastWindow& window, const WindowScale& scale, int64_t begin) {
  const PanelSeries& s = panel.series[window.series];
  WindowPast past;
  for (int64_t t = begin; t < window.origin; ++t) {
    const float y = s.value(t);
    const bool missing = std::isnan(y);
    past.missing.push_back(missing ? 1.0f : 0.0f);
    const float before = past.values.empty() ? 0 : past.values.back();
    past.values.push_back(missing ? before : scale.apply(y));
  }
  // What stands before the first known value is taken to be as that, and a past without any as the last value before
  // it.
  const auto first = std::ranges::find(past.missing, 0.0f) - past.missing.begin();
  if (first < std::ssize(past.values)) {
    std::fill_n(past.values.begin(), first, past.values[first]);
  } else if (const int64_t last = last_known(s, begin); last >= 0) {
    std::ranges::fill(past.values, scale.apply(s.value(last)));
  }
  return past;
}

std::vector<WindowScale> window_scales(const Panel& panel, std::span<const ForecastWindow> windows,
                                       const ScaleRule& rule) {
  std::vector<WindowScale> scales;
  for (const ForecastWindow& window : windows) scales.push_back(window_scale(panel, window, rule));
  return scales;
}

ForecastTargets forecast_targets(const Panel& panel, std::span<const ForecastWindow> windows,
                                 std::span<const WindowScale> scales, int64_t horizon) {
  std::vector<float> values, known, scale;
  for (size_t b = 0; b < windows.size(); ++b) {
    const std::vector<float> actual = actual_values(panel, windows[b], horizon);
    for (int64_t h = 0; h < horizon; ++h) {
      const float y = actual[static_cast<size_t>(h)];
      const bool missing = std::isnan(y) || (scales[b].log && !(y > 0));
      values.push_back(missing ? 0 : scales[b].apply(y) - scales[b].base_of(h));
      known.push_back(missing ? 0.0f : 1.0f);
      scale.push_back(scales[b].map.scale);
    }
  }
  const Shape shape{std::ssize(windows), horizon};
  return {.values = Tensor::from(values, shape),
          .known = Tensor::from(known, shape),
          .scale = Tensor::from(scale, shape),
          .count = static_cast<double>(std::ranges::count(known, 1.0f))};
}

Tensor masked_mean(const Tensor& losses, const Tensor& known, double count) {
  return sum(losses * known) / std::max(count, 1.0);
}

void write_past(const Panel& panel, const ForecastWindow& window, int64_t t, float* out) {
  const PanelGroup& group = panel.group_of(panel.series[window.series]);
  if (t < 0 || t >= group.rows) return;
  std::copy_n(group.past.data() + (t - group.begin) * panel.past_features, panel.past_features, out);
}

void write_ahead(const Panel& panel, const ForecastWindow& window, int64_t t, float* out) {
  const PanelSeries& s = panel.series[window.series];
  const PanelGroup& group = panel.group_of(s);
  if (t < 0) return;
  if (panel.needs_future && t >= group.rows) {
    fail("{}: series {}: a forecast from step {} needs future columns for at least {} steps, got {}", s.where,
         quoted_cell(panel.name(s)), window.origin + 1, t - window.origin + 1, group.rows - window.origin);
  }
  std::copy_n(group.ahead.data() + (t - group.begin) * panel.ahead_features, panel.ahead_features, out);
}

Tensor statics_of(const Panel& panel, std::span<const ForecastWindow> windows) {
  std::vector<float> values;
  for (const ForecastWindow& window : windows) {
    const auto& statics = panel.group_of(panel.series[window.series]).statics;
    values.insert(values.end(), statics.begin(), statics.end());
  }
  return Tensor::from(values, {std::ssize(windows), panel.static_features});
}

Tensor identities_of(const Panel& panel, std::span<const ForecastWindow> windows) {
  std::vector<int32_t> ids;
  for (const ForecastWindow& window : windows) ids.push_back(panel.series[window.series].identity);
  return Tensor::from(ids, {std::ssize(ids)});
}

Tensor inverted(const Tensor& scaled, const WindowScale& scale) {
  const Tensor out = scaled * double{scale.map.scale} + double{scale.map.shift};
  return scale.log ? exp(out) : out;
}

}  // namespace recur
