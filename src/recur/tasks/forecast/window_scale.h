// The scale of a window: level and spread are taken out before the network sees it and put back into its forecast.
#pragma once

#include <string>
#include <vector>

#include "recur/data/scaler.h"
#include "recur/tasks/forecast/panel.h"
#include "recur/tasks/forecast/windows.h"

namespace recur {

// ForecastDataOptions and ForecastModelOptions say what the words mean.
struct ScaleRule {
  std::string scaler = "none", center = "none";
  bool log = false;
  int64_t context = 1;  // steps of the past that count
  std::string base = "none";
  int64_t season = 1, horizon = 0;  // of the base
};

struct WindowScale {
  Affine map;
  bool log = false;
  std::vector<float> base = {};  // of each step ahead, scaled: what the network's forecast is added to; empty: 0

  float apply(float y) const;
  float invert(float z) const;
  float base_of(int64_t h) const { return base.empty() ? 0 : base[static_cast<size_t>(h)]; }
};

// The mean and deviation of the first `end` steps of a series: the scale of one that training did not know.
Affine past_scale(const PanelData& data, int64_t series, int64_t end);

// By the window's past alone, or by what training knows of its series: a series that it did not have is scaled by all
// of its past. Throws Error where a value is not above 0 and logarithms are asked for.
WindowScale window_scale(const Panel& panel, const ForecastWindow& window, const ScaleRule& rule);

}  // namespace recur
