#include "recur/tasks/forecast/forecast_score.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/forecast/baselines.h"

namespace recur {
namespace {

struct Method {
  std::string name;
  ForecastMeter meter;
};

// The model and the baselines, measured on the same windows.
class Comparison {
 public:
  Comparison(const Panel& panel, const ForecastRequest& request, const MeasureOptions& options)
      : panel_(panel), horizon_(request.horizon), season_(request.season), options_(options), methods_{{"model", {}}} {
    for (const Baseline baseline : kBaselines) methods_.push_back({baseline_name(baseline), {}});
  }

  // Of naive 2 in place of a model.
  void add_naive(const ForecastWindow& window) {
    add(window, baseline_forecast(Baseline::kNaive2, place_of(window), *facts_));
  }

  void add(const ForecastWindow& window, std::span<const float> paths) {
    const PanelSeries& s = panel_.series[window.series];
    const BaselineWindow where = place_of(window);
    ErrorScales scales = facts_->scales();
    if (s.scale) scales.deviation = s.scale->scale;
    std::vector<float> actual = actual_values(panel_, window, horizon_);
    for (int64_t h = 0; h < horizon_ && options_.at_step > 0; ++h) {
      if (h + 1 != options_.at_step) actual[h] = std::numeric_limits<float>::quiet_NaN();
    }
    methods_[0].meter.add(actual, paths, scales);
    for (size_t k = 0; k < std::size(kBaselines); ++k) {
      methods_[k + 1].meter.add(actual, baseline_forecast(kBaselines[k], where, *facts_), scales);
    }
  }

  Evaluation result() const {
    const ForecastMeter& model = methods_[0].meter;
    Evaluation out{.examples = model.windows(), .metrics = point_metrics(methods_[0])};
    if (model.is_distribution())
      out.metrics.insert(out.metrics.end(), {{"crps", model.crps()}, {"coverage", model.coverage()}});
    add_baselines(out, {.by = {.metric = out.find("owa") ? "owa" : "mae"}, .methods = baselines()});
    return out;
  }

  std::vector<BaselineResult> baselines() const {
    std::vector<BaselineResult> results;
    for (const Method& method : std::span(methods_).subspan(1)) {
      results.push_back({method.name, point_metrics(method)});
    }
    return results;
  }

 private:
  // Windows of a series follow each other: what is known of it is that before the first.
  BaselineWindow place_of(const ForecastWindow& window) {
    const PanelSeries& s = panel_.series[window.series];
    const std::span<const float> past = std::span(s.values).first(static_cast<size_t>(window.origin));
    if (!facts_ || first_.series != window.series) {
      first_ = window;
      facts_.emplace(past, season_, s.offset);
    }
    return {.past = past, .since_first = window.origin - first_.origin, .horizon = horizon_};
  }

  std::vector<Metric> point_metrics(const Method& method) const {
    const ForecastMeter& meter = method.meter;
    std::vector<Metric> metrics{{"smape", meter.smape()}, {"mase", meter.mase()}};
    const auto owa = overall_weighted_average(meter, methods_.back().meter);
    if (owa) metrics.push_back({"owa", *owa});
    metrics.insert(
        metrics.end(),
        {{"nd", meter.nd()}, {"mse", meter.mse()}, {"mae", meter.mae()}, {"rmse", meter.rmse()}, {"rse", meter.rse()}});
    return metrics;
  }

  const Panel& panel_;
  int64_t horizon_, season_;
  MeasureOptions options_;
  std::vector<Method> methods_;  // the model first, naive 2 last
  ForecastWindow first_;
  std::optional<SeriesPast> facts_;
};

// Of paths [S, H].
void check_paths(const Panel& panel, const ForecastWindow& window, std::span<const float> paths, int64_t horizon) {
  for (int64_t at = 0; at < std::ssize(paths); ++at) {
    check_finite(paths[static_cast<size_t>(at)], [&] {
      const PanelSeries& s = panel.series[static_cast<size_t>(window.series)];
      return fmt::format("{}: series {}, step {} after {} known ones", s.where, quoted_cell(panel.name(s)),
                         at % horizon + 1, window.origin);
    });
  }
}

}  // namespace

void forecast_windows(const Forecaster& model, const Panel& panel, std::span<const ForecastWindow> windows,
                      const ForecastRequest& request,
                      const std::function<void(const ForecastWindow&, std::span<const float> paths)>& take) {
  const autograd::NoGrad no_grad;
  Random random(request.seed);
  for (size_t begin = 0; begin < windows.size(); begin += static_cast<size_t>(request.batch)) {
    const auto part = windows.subspan(begin, std::min<size_t>(request.batch, windows.size() - begin));
    check_stop();
    const WindowPaths paths = model.forecast(panel, part, request.samples, random);
    for (size_t b = 0; b < part.size(); ++b) {
      check_paths(panel, part[b], paths[b], request.horizon);
      take(part[b], paths[b]);
    }
  }
}

void write_window_scores(const Forecaster& model, const Panel& panel, std::span<const ForecastWindow> windows,
                         const ForecastRequest& request, Sink& out) {
  out.columns({"series", "step", "loss", "smape", "mase"});
  const autograd::NoGrad no_grad;
  forecast_windows(model, panel, windows, request, [&](const ForecastWindow& window, std::span<const float> paths) {
    const PanelSeries& s = panel.series[window.series];
    const SeriesPast past(std::span(s.values).first(static_cast<size_t>(window.origin)), request.season, s.offset);
    ForecastMeter meter;
    meter.add(actual_values(panel, window, request.horizon), paths, past.scales());
    const double loss = model.loss(panel, std::span(&window, 1), Mode::evaluation()).mean.item();
    out.row(std::vector<TableCell>{panel.name(s), window.origin + 1, loss, meter.smape(), meter.mase()});
  });
}

Evaluation measure_forecasts(const Forecaster& model, const Panel& panel, std::span<const ForecastWindow> windows,
                             const ForecastRequest& request, const MeasureOptions& options) {
  Comparison comparison(panel, request, options);
  forecast_windows(model, panel, windows, request,
                   [&](const ForecastWindow& window, std::span<const float> paths) { comparison.add(window, paths); });
  const autograd::NoGrad no_grad;
  double loss = 0, known = 0;
  for (size_t begin = 0; begin < windows.size(); begin += static_cast<size_t>(request.batch)) {
    const auto part = windows.subspan(begin, std::min<size_t>(request.batch, windows.size() - begin));
    check_stop();
    const ForecastLoss one = model.loss(panel, part, Mode::evaluation());
    loss += one.mean.item() * one.known;
    known += one.known;
  }
  Evaluation result = comparison.result();
  result.metrics.insert(result.metrics.begin(), {"loss", loss / std::max(known, 1.0)});
  return result;
}

std::vector<BaselineResult> measure_baselines(const Panel& panel, std::span<const ForecastWindow> windows,
                                              const ForecastRequest& request, const MeasureOptions& options) {
  Comparison comparison(panel, request, options);
  for (const ForecastWindow& window : windows) comparison.add_naive(window);
  return comparison.baselines();
}

Evaluation measure_naive(const Panel& panel, std::span<const ForecastWindow> windows, const ForecastRequest& request,
                         const MeasureOptions& options) {
  Comparison comparison(panel, request, options);
  for (const ForecastWindow& window : windows) comparison.add_naive(window);
  return comparison.result();
}

}  // namespace recur
