#include "recur/tasks/forecast/panel_data.h"

#include <utility>

#include "recur/tasks/forecast/window_scale.h"

namespace recur {
namespace {

template <class T>
std::vector<T> read_rows(const RowStore<T>& rows, int64_t begin, int64_t end) {
  std::vector<T> room;
  const std::span<const T> values = rows.read(begin, std::max(begin, end), room);
  return {values.begin(), values.end()};
}

}  // namespace

PanelData::PanelData(const Panel& panel) : panel_(std::shared_ptr<const Panel>(), &panel) {}

PanelData::PanelData(std::shared_ptr<const Panel> panel, std::shared_ptr<const PanelStore> store)
    : panel_(std::move(panel)), store_(std::move(store)) {}

std::span<const float> PanelData::values(int64_t series, int64_t begin, int64_t end, std::vector<float>& room) const {
  const auto s = static_cast<size_t>(series);
  if (store_) return store_->values.read(store_->first_value[s] + begin, store_->first_value[s] + end, room);
  return std::span<const float>(panel_->series[s].values)
      .subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

double PanelData::time(int64_t group, int64_t row) const {
  const auto g = static_cast<size_t>(group);
  if (!store_) return panel_->groups[g].times[static_cast<size_t>(row)];
  std::vector<double> room;
  const int64_t at = store_->first_row[g] + row;
  return store_->times.read(at, at + 1, room)[0];
}

PanelWindows PanelData::load(std::span<const ForecastWindow> windows, int64_t reach, int64_t horizon) const {
  if (!store_) return {.panel = Loaded<Panel>::refer(*panel_), .windows = {windows.begin(), windows.end()}};
  Panel out = panel_->without_series();
  std::vector<ForecastWindow> own;
  for (const ForecastWindow& window : windows) {
    own.push_back({std::ssize(out.series), window.origin});
    cut(window, reach, horizon, out);
  }
  return {.panel = Loaded<Panel>(std::move(out)), .windows = std::move(own)};
}

void PanelData::cut(const ForecastWindow& window, int64_t reach, int64_t horizon, Panel& out) const {
  PanelSeries s = panel_->series[static_cast<size_t>(window.series)];
  PanelGroup group = panel_->groups[static_cast<size_t>(s.group)];
  const auto g = static_cast<size_t>(s.group);
  const int64_t begin = std::max<int64_t>(window.origin - reach, 0), end = window.origin + horizon;
  const int64_t first = store_->first_value[static_cast<size_t>(window.series)];
  s.begin = std::min(begin, s.steps);
  s.values = read_rows(store_->values, first + s.begin, first + std::min(end, s.steps));
  // A past without a value says nothing of the level: back to the last one that is known, and to those that scale a
  // window with it.
  const auto reach_back = [&] {
    const int64_t further = std::max(s.begin - reach, s.first);
    const std::vector<float> before = read_rows(store_->values, first + further, first + s.begin);
    s.values.insert(s.values.begin(), before.begin(), before.end());
    s.begin = further;
  };
  const bool is_old = last_known(s, window.origin) < 0;
  while (s.begin > s.first && last_known(s, window.origin) < 0) reach_back();
  if (is_old && s.begin > s.first) reach_back();
  // All of its past would be too much to cut out.
  if (out.keeps_scales && !s.scale) s.scale = past_scale(*this, window.series, std::min(window.origin, s.steps));
  group.begin = std::min(begin, group.rows);
  group.past =
      read_rows(store_->past, store_->first_row[g] + group.begin, store_->first_row[g] + std::min(end, group.rows));
  group.ahead = read_rows(store_->ahead, store_->first_ahead[g] + group.begin,
                          store_->first_ahead[g] + std::min(end, group.rows + out.horizon));
  s.group = std::ssize(out.groups);
  out.groups.push_back(std::move(group));
  out.series.push_back(std::move(s));
}

}  // namespace recur
