// Forecasts as rows to write.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/tasks/forecast/panel_data.h"
#include "recur/tasks/forecast/windows.h"
#include "recur/tasks/sink.h"

namespace recur {

// "0.1,0.5,0.9" as numbers; throws UsageError unless each is between 0 and 1.
std::vector<double> quantile_levels(const std::string& text);

// A row per step: id, channel where there are several targets, step from 1, time where the data have times; then mean
// and quantiles, or, of all paths, the path's number and its value.
class ForecastRows {
 public:
  ForecastRows(PanelData data, std::vector<double> levels, bool samples, Sink& rows);

  void write(const ForecastWindow& window, std::span<const float> paths, int64_t horizon);

 private:
  std::vector<TableCell> place(const ForecastWindow& window, int64_t h) const;

  PanelData data_;
  std::vector<double> levels_;
  bool samples_;
  Sink& rows_;
};

// The time of row t of a series, by its rows or steps beyond them, as its file would show it.
std::string row_time(const PanelData& data, const PanelSeries& s, int64_t t);

}  // namespace recur
