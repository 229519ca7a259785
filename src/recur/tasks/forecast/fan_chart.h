// Forecasts as a picture: of each series the past as a line, and ahead of it the median with bands around it that are
// paler the less likely values are to lie further out.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace recur {

struct FanPanel {
  std::string title;
  std::vector<float> past;   // NaN where missing
  std::vector<float> paths;  // [S, H] equally likely values (metrics/forecasting.h); of a point there are no bands
  int64_t horizon = 0;       // H
  double offset = 0;         // of past and paths: what stands at the axis is higher by this
  std::string begin, end;    // what stands below the first step of the past and the last of the forecast
};

// Two panels side by side in as many rows as it takes; at least one panel.
std::string fan_chart_svg(std::span<const FanPanel> panels);

}  // namespace recur
