// Forecasts of windows, and their metrics next to those of the baselines.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "recur/tasks/baseline_results.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/forecast/blend.h"
#include "recur/tasks/forecast/forecaster.h"
#include "recur/tasks/forecast/panel_data.h"

namespace recur {

struct ForecastRequest {
  int64_t horizon = 1;  // H
  int64_t season = 1;   // m
  int64_t samples = 100;
  int64_t batch = 256;
  uint64_t seed = 1;
  int64_t reach = int64_t{1} << 40;  // steps that are read before a window, at most
  Blend blend = {};
};

// Calls `take` with each window, in their order, and its paths.
void forecast_windows(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                      const ForecastRequest& request,
                      const std::function<void(const ForecastWindow&, std::span<const float> paths)>& take);

struct MeasureOptions {
  int64_t at_step = 0;    // this step of each window alone, from 1; 0: all
  bool baselines = true;  // those of the baselines, too; false: of naive 2 what owa needs
};

// A row per window: its series, its first step from 1, loss, sMAPE and MASE.
void write_window_scores(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                         const ForecastRequest& request, Sink& out);

// The windows of a series must be adjacent, in order of time. Metrics of the model's forecasts (see
// metrics/forecasting.h; owa where naive 2 has errors to compare with), and in the table "methods" those of the
// baselines on the same windows, whose scales come from the last 2^24 values before the first one where data are on
// disk; the verdict is by owa, by mae where there is none.
Evaluation measure_forecasts(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                             const ForecastRequest& request, const MeasureOptions& options);

// Without baselines, at each of the weights in the place of that of request.blend.
std::vector<Evaluation> measure_blends(const Forecaster& model, const PanelData& data,
                                       std::span<const ForecastWindow> windows, const ForecastRequest& request,
                                       int64_t at_step, std::span<const double> weights);

// Those of the baselines alone.
std::vector<BaselineResult> measure_baselines(const PanelData& data, std::span<const ForecastWindow> windows,
                                              const ForecastRequest& request, const MeasureOptions& options);

// The same of naive 2 as if it were the model, without a loss: what these data allow to measure.
Evaluation measure_naive(const PanelData& data, std::span<const ForecastWindow> windows, const ForecastRequest& request,
                         const MeasureOptions& options);

}  // namespace recur
