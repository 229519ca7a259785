#include "recur/tasks/forecast/forecast_rows.h"

#include <numeric>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/sequences/settle_times.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/metrics/forecasting.h"

namespace recur {

std::vector<double> quantile_levels(const std::string& text) {
  std::vector<double> levels;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string cell(trimmed(std::string_view(text).substr(begin, end - begin)));
    const auto level = parse_number(cell);
    if (!level || !(*level > 0) || !(*level < 1))
      fail_usage("levels: expected numbers between 0 and 1, got '{}'", cell);
    if (std::ranges::count(levels, *level) > 0) fail_usage("levels: {} is given twice", *level);
    levels.push_back(*level);
    begin = end + 1;
  }
  return levels;
}

std::string row_time(const PanelData& data, const PanelSeries& s, int64_t t) {
  const Panel& panel = data.panel();
  const PanelGroup& group = panel.group_of(s);
  if (t < group.rows) return time_text(panel.time_kind, data.time(s.group, t), panel.time_zone);
  const auto beyond = static_cast<double>(t - group.rows + 1);
  // Months end where the clocks of the zone say so.
  const double zone = panel.time_zone.value_or(0);
  return time_text(panel.time_kind, advance(group.last_time + zone, panel.step, beyond) - zone, panel.time_zone);
}

ForecastRows::ForecastRows(PanelData data, std::vector<double> levels, bool samples, Sink& rows)
    : data_(std::move(data)), levels_(std::move(levels)), samples_(samples), rows_(rows) {
  const Panel& panel = data_.panel();
  std::vector<std::string> names{"id"};
  if (panel.channels.size() > 1) names.emplace_back("channel");
  names.emplace_back("step");
  if (panel.time_kind != TimeKind::kNone) names.emplace_back("time");
  if (samples_) {
    names.insert(names.end(), {"sample", "value"});
  } else {
    names.emplace_back("mean");
    for (const double p : levels_) names.push_back(fmt::format("q{}", p));
  }
  rows_.columns(names);
}

std::vector<TableCell> ForecastRows::place(const ForecastWindow& window, int64_t h) const {
  const Panel& panel = data_.panel();
  const PanelSeries& s = panel.series[window.series];
  std::vector<TableCell> cells{panel.group_of(s).id};
  if (panel.channels.size() > 1) cells.emplace_back(panel.channels[s.channel]);
  cells.emplace_back(h + 1);
  if (panel.time_kind != TimeKind::kNone) cells.emplace_back(row_time(data_, s, window.origin + h));
  return cells;
}

void ForecastRows::write(const ForecastWindow& window, std::span<const float> paths, int64_t horizon) {
  const int64_t count = std::ssize(paths) / horizon;
  const double offset = data_.panel().series[window.series].offset;
  if (samples_) {
    for (int64_t k = 0; k < count; ++k) {
      for (int64_t h = 0; h < horizon; ++h) {
        std::vector<TableCell> cells = place(window, h);
        cells.insert(cells.end(), {k + 1, paths[k * horizon + h] + offset});
        rows_.row(cells);
      }
    }
    return;
  }
  std::vector<std::vector<float>> quantiles;
  for (const double p : levels_) quantiles.push_back(step_quantile(paths, horizon, p));
  for (int64_t h = 0; h < horizon; ++h) {
    double mean = 0;
    for (int64_t k = 0; k < count; ++k) mean += paths[k * horizon + h] / static_cast<double>(count);
    std::vector<TableCell> cells = place(window, h);
    cells.emplace_back(mean + offset);
    for (const auto& quantile : quantiles) cells.emplace_back(quantile[h] + offset);
    rows_.row(cells);
  }
}

}  // namespace recur
