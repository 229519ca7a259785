// Windows of series: a past to read and H steps after it to forecast.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/forecast/panel.h"
#include "recur/tasks/training.h"

namespace recur {

struct ForecastWindow {
  int64_t series = 0;  // among Panel::series
  int64_t origin = 0;  // its first step to forecast: the past is [0, origin)

  bool operator==(const ForecastWindow&) const = default;
};

// The number of a series' first known step, or its length where there is none.
int64_t first_known(const PanelSeries& s);

// The number of the last known step before step `end`, or -1 where there is none.
int64_t last_known(const PanelSeries& s, int64_t end);

// The known values of a window's H steps, NaN where there are none.
std::vector<float> actual_values(const Panel& panel, const ForecastWindow& window, int64_t horizon);

// Rolling origins: of each series `count` windows at most, `stride` steps apart, the last one ending with the series.
// A series of fewer than horizon + 1 known steps gives none.
struct Rolling {
  int64_t horizon = 0, count = 1, stride = 1;
};
std::vector<ForecastWindow> rolling_windows(const Panel& panel, const Rolling& rolling);

// "the longest series has 40 steps; a window needs 48": why there is no window of `horizon` steps.
std::string length_text(const Panel& panel, int64_t horizon);

class PanelData;

struct WindowSampling {
  int64_t horizon = 0;
  int64_t least_past = 1;  // known steps before a window, where its series has so many
  std::string by = "windows";
  // Only the last window of each series: for networks that learn from a whole past at once.
  bool last_alone = false;
  int64_t members = 1;                     // of an ensemble, each of which takes every window once in a pass
  int64_t most_a_pass = int64_t{1} << 40;  // windows, where there are more
};

// Endless random windows of the training part, drawn with replacement.
class WindowSampler {
 public:
  // ends: of each series, the steps that belong to the training part. Throws Error when no window fits in.
  WindowSampler(const PanelData& data, std::span<const int64_t> ends, const WindowSampling& options,
                const TrainingStart& start);

  std::vector<ForecastWindow> next(int64_t count);

  int64_t size() const { return size_; }                 // different windows
  int64_t series_left_out() const { return left_out_; }  // too short for one
  int64_t a_pass() const { return a_pass_; }             // windows of a pass
  double epoch() const;                                  // passes drawn
  Random& dropout() { return dropout_; }

  // Under names that begin with "task.". load() throws Error when the data are not those that were saved.
  void save(StateWriter& state) const;
  void load(const StateReader& state);

 private:
  struct Range {
    int64_t series, first, count;  // origins first .. first + count - 1
    double weight_sum;             // of this and those before
  };

  std::vector<Range> ranges_;
  int64_t size_ = 0, a_pass_ = 0, drawn_ = 0, left_out_ = 0;
  Random random_, dropout_;
};

}  // namespace recur
