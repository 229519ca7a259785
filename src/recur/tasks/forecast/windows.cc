#include "recur/tasks/forecast/windows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/tasks/forecast/panel_data.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

// 1 + mean |y| of the first `end` steps.
double mean_size(const PanelData& data, int64_t series, int64_t end) {
  double sum = 0, count = 0;
  data.for_each_part(series, 0, end, [&](std::span<const float> values, int64_t) {
    for (const float y : values) {
      if (std::isnan(y)) continue;
      sum += std::abs(y);
      ++count;
    }
  });
  return 1 + (count > 0 ? sum / count : 0);
}

}  // namespace

int64_t first_known(const PanelSeries& s) { return s.first; }

int64_t last_known(const PanelSeries& s, int64_t end) {
  int64_t t = std::min(end, s.steps) - 1;
  while (t >= s.begin && std::isnan(s.value(t))) --t;
  return t >= s.begin ? t : -1;
}

std::vector<float> actual_values(const Panel& panel, const ForecastWindow& window, int64_t horizon) {
  const PanelSeries& s = panel.series[window.series];
  std::vector<float> out;
  for (int64_t h = 0; h < horizon; ++h) out.push_back(s.value(window.origin + h));
  return out;
}

std::vector<ForecastWindow> rolling_windows(const Panel& panel, const Rolling& rolling) {
  std::vector<ForecastWindow> windows;
  for (int64_t i = 0; i < std::ssize(panel.series); ++i) {
    const PanelSeries& s = panel.series[i];
    const int64_t last = s.steps - rolling.horizon, least = first_known(s) + 1;
    if (last < least) continue;
    const int64_t count = std::min(rolling.count, (last - least) / rolling.stride + 1);
    for (int64_t k = count - 1; k >= 0; --k) windows.push_back({i, last - k * rolling.stride});
  }
  return windows;
}

std::string length_text(const Panel& panel, int64_t horizon) {
  int64_t longest = 0;
  for (const PanelSeries& s : panel.series) longest = std::max(longest, s.steps - first_known(s));
  return fmt::format("the longest series has {} known steps; a window needs {}: {} to forecast and one before them",
                     longest, horizon + 1, horizon);
}

WindowSampler::WindowSampler(const PanelData& data, std::span<const int64_t> ends, const WindowSampling& options,
                             const TrainingStart& start)
    : random_(start.seed, kOrderStream),
      dropout_(start.seed + static_cast<uint64_t>(start.shard.rank), kDropoutStream) {
  double sum = 0;
  const Panel& panel = data.panel();
  for (int64_t i = 0; i < std::ssize(panel.series); ++i) {
    const PanelSeries& s = panel.series[i];
    const int64_t last = ends[i] - options.horizon, least = first_known(s) + 1;
    if (last < least) {
      ++left_out_;
      continue;
    }
    const int64_t first = options.last_alone ? last : std::clamp(first_known(s) + options.least_past, least, last);
    const int64_t count = last - first + 1;
    sum += options.by == "windows" ? static_cast<double>(count)
           : options.by == "scale" ? mean_size(data, i, ends[i])
                                   : 1;
    ranges_.push_back({i, first, count, sum});
    size_ += count;
  }
  if (ranges_.empty()) {
    fail(
        "no series is long enough to train on: the longest training part has {} steps, and a window needs {} and at "
        "least one step before them",
        ends.empty() ? 0 : std::ranges::max(ends), options.horizon);
  }
  a_pass_ = std::min(size_ * options.members, options.most_a_pass);
}

std::vector<ForecastWindow> WindowSampler::next(int64_t count) {
  std::vector<ForecastWindow> windows;
  for (int64_t k = 0; k < count; ++k) {
    const double at = random_.uniform64() * ranges_.back().weight_sum;
    const auto found = std::ranges::upper_bound(ranges_, at, {}, &Range::weight_sum);
    const Range& range = found == ranges_.end() ? ranges_.back() : *found;
    windows.push_back({range.series, range.first + static_cast<int64_t>(random_.below(range.count))});
  }
  drawn_ += count;
  return windows;
}

double WindowSampler::epoch() const { return static_cast<double>(drawn_) / static_cast<double>(a_pass_); }

void WindowSampler::save(StateWriter& state) const {
  state.integer("task.windows", size_);
  state.integer("task.drawn", drawn_);
  state.text("task.sampling", random_.state().to_string());
  state.text("task.dropout", dropout_.state().to_string());
}

void WindowSampler::load(const StateReader& state) {
  if (const int64_t windows = state.integer("task.windows"); windows != size_) {
    fail("the training data have changed since the run began: they had {} windows and now have {}", windows, size_);
  }
  drawn_ = state.integer("task.drawn");
  random_.set_state(Random::State::from_string(state.text("task.sampling")));
  dropout_.set_state(Random::State::from_string(state.text("task.dropout")));
}

}  // namespace recur
