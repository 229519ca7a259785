#include "recur/tasks/forecast/forecast_score.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/forecast/baselines.h"
#include "recur/tasks/forecast/theta_past.h"

namespace recur {
namespace {

struct Method {
  std::string name;
  ForecastMeter meter;
};

// The values before windows. Those of a series are read from disk once for all of its windows that follow each other.
class PastValues {
 public:
  explicit PastValues(PanelData data) : data_(std::move(data)) {}

  const PanelData& data() const { return data_; }

  // All values before the window, or the last ones of very many that are on disk. Valid until the next call.
  std::span<const float> before(const ForecastWindow& window) {
    if (data_.in_memory()) return data_.values(window.series, 0, window.origin, room_);
    const bool goes_on = window.series == series_ && window.origin >= end_;
    if (!goes_on) {
      series_ = window.series;
      end_ = std::max<int64_t>(window.origin - kMostPast, 0);
      past_.clear();
    }
    const auto more = data_.values(window.series, end_, window.origin, room_);
    past_.insert(past_.end(), more.begin(), more.end());
    end_ = window.origin;
    return past_;
  }

 private:
  static constexpr int64_t kMostPast = 1 << 24;

  PanelData data_;
  int64_t series_ = -1, end_ = 0;
  std::vector<float> past_, room_;
};

// The known values of a window's H steps, NaN where there are none.
std::vector<float> known_values(const PanelData& data, const ForecastWindow& window, int64_t horizon) {
  const int64_t steps = data.panel().series[window.series].steps;
  std::vector<float> room;
  const auto known =
      data.values(window.series, std::min(window.origin, steps), std::min(window.origin + horizon, steps), room);
  std::vector<float> out(known.begin(), known.end());
  out.resize(static_cast<size_t>(horizon), std::numeric_limits<float>::quiet_NaN());
  return out;
}

// The model and the baselines, measured on the same windows.
class Comparison {
 public:
  // `models`: so many forecasts of each window are measured.
  Comparison(const PanelData& data, const ForecastRequest& request, const MeasureOptions& options, size_t models = 1)
      : past_(data), horizon_(request.horizon), season_(request.season), options_(options), models_(models) {
    methods_.resize(models, {"model", {}});
    if (options.baselines) baselines_.assign(std::begin(kBaselines), std::end(kBaselines));
    for (const Baseline baseline : baselines_) methods_.push_back({baseline_name(baseline), {}});
  }

  // Of naive 2 in place of a model.
  void add_naive(const ForecastWindow& window) {
    add(window, WindowPaths{baseline_forecast(Baseline::kNaive2, place_of(window), *facts_)});
  }

  // The paths of each model.
  void add(const ForecastWindow& window, const WindowPaths& paths) {
    const PanelSeries& s = past_.data().panel().series[window.series];
    const BaselineWindow where = place_of(window);
    ErrorScales scales = facts_->scales();
    if (s.scale) scales.deviation = s.scale->scale;
    std::vector<float> actual = known_values(past_.data(), window, horizon_);
    for (int64_t h = 0; h < horizon_ && options_.at_step > 0; ++h) {
      if (h + 1 != options_.at_step) actual[h] = std::numeric_limits<float>::quiet_NaN();
    }
    for (size_t k = 0; k < models_; ++k) methods_[k].meter.add(actual, paths[k], scales);
    for (size_t k = 0; k < baselines_.size(); ++k)
      methods_[models_ + k].meter.add(actual, baseline_forecast(baselines_[k], where, *facts_), scales);
  }

  Evaluation result(size_t of = 0) const {
    const ForecastMeter& model = methods_[of].meter;
    Evaluation out{.examples = model.windows(), .metrics = point_metrics(methods_[of])};
    if (model.is_distribution())
      out.metrics.insert(out.metrics.end(), {{"crps", model.crps()}, {"coverage", model.coverage()}});
    if (options_.baselines)
      add_baselines(out, {.by = {.metric = out.find("owa") ? "owa" : "mae"}, .methods = baselines()});
    return out;
  }

  std::vector<BaselineResult> baselines() const {
    std::vector<BaselineResult> results;
    for (const Method& method : std::span(methods_).subspan(models_)) {
      results.push_back({method.name, point_metrics(method)});
    }
    return results;
  }

 private:
  // Windows of a series follow each other: what is known of it is that before the first.
  BaselineWindow place_of(const ForecastWindow& window) {
    const std::span<const float> past = past_.before(window);
    if (!facts_ || first_.series != window.series) {
      first_ = window;
      facts_.emplace(past, season_, past_.data().panel().series[window.series].offset);
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

  PastValues past_;
  int64_t horizon_, season_;
  MeasureOptions options_;
  std::vector<Baseline> baselines_{Baseline::kNaive2};
  size_t models_;
  std::vector<Method> methods_;  // the models first, naive 2 last
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

using Theta = std::optional<std::vector<float>>;  // the Theta method's forecast of a window, where there is one

// Calls `take` with each window, the network's paths, and where `needs_theta` the Theta method's forecast.
template <class Take>
void for_each_forecast(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                       const ForecastRequest& request, bool needs_theta, const Take& take) {
  const autograd::NoGrad no_grad;
  Random random(request.seed);
  for (size_t begin = 0; begin < windows.size(); begin += static_cast<size_t>(request.batch)) {
    const auto part = windows.subspan(begin, std::min<size_t>(request.batch, windows.size() - begin));
    check_stop();
    const PanelWindows loaded = data.load(part, request.reach, request.horizon);
    WindowPaths paths = model.forecast(*loaded.panel, loaded.windows, request.samples, random);
    for (size_t b = 0; b < part.size(); ++b) {
      check_paths(data.panel(), part[b], paths[b], request.horizon);
      const ForecastWindow& window = loaded.windows[b];
      const PanelSeries& series = loaded.panel->series[static_cast<size_t>(window.series)];
      const int64_t end = std::min(window.origin, series.steps);
      Theta theta;
      if (needs_theta) theta = theta_before(series, end, request.season, request.horizon);
      take(part[b], paths[b], theta);
    }
  }
}

// Of the known steps of all windows, by the network alone.
double mean_loss(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                 const ForecastRequest& request) {
  const autograd::NoGrad no_grad;
  double loss = 0, known = 0;
  for (size_t begin = 0; begin < windows.size(); begin += static_cast<size_t>(request.batch)) {
    const auto part = windows.subspan(begin, std::min<size_t>(request.batch, windows.size() - begin));
    check_stop();
    const PanelWindows loaded = data.load(part, request.reach, request.horizon);
    const ForecastLoss one = model.loss(*loaded.panel, loaded.windows, Mode::evaluation());
    loss += one.mean.item() * one.known;
    known += one.known;
  }
  return loss / std::max(known, 1.0);
}

Evaluation with_loss(double loss, Evaluation of) {
  of.metrics.insert(of.metrics.begin(), {"loss", loss});
  return of;
}

}  // namespace

void forecast_windows(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                      const ForecastRequest& request,
                      const std::function<void(const ForecastWindow&, std::span<const float> paths)>& take) {
  const bool blends = request.blend.weight > 0;
  for_each_forecast(model, data, windows, request, blends,
                    [&](const ForecastWindow& window, std::span<float> paths, const Theta& theta) {
                      if (theta) {
                        blend(paths, *theta, request.blend);
                        check_paths(data.panel(), window, paths, request.horizon);
                      }
                      take(window, paths);
                    });
}

void write_window_scores(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                         const ForecastRequest& request, Sink& out) {
  out.columns({"series", "step", "loss", "smape", "mase"});
  const autograd::NoGrad no_grad;
  PastValues values(data);
  forecast_windows(model, data, windows, request, [&](const ForecastWindow& window, std::span<const float> paths) {
    const PanelSeries& s = data.panel().series[window.series];
    const SeriesPast past(values.before(window), request.season, s.offset);
    ForecastMeter meter;
    meter.add(known_values(data, window, request.horizon), paths, past.scales());
    const PanelWindows one = data.load(std::span(&window, 1), request.reach, request.horizon);
    const double loss = model.loss(*one.panel, one.windows, Mode::evaluation()).mean.item();
    out.row(std::vector<TableCell>{data.panel().name(s), window.origin + 1, loss, meter.smape(), meter.mase()});
  });
}

Evaluation measure_forecasts(const Forecaster& model, const PanelData& data, std::span<const ForecastWindow> windows,
                             const ForecastRequest& request, const MeasureOptions& options) {
  Comparison comparison(data, request, options);
  forecast_windows(model, data, windows, request, [&](const ForecastWindow& window, std::span<const float> paths) {
    comparison.add(window, WindowPaths{std::vector<float>(paths.begin(), paths.end())});
  });
  return with_loss(mean_loss(model, data, windows, request), comparison.result());
}

std::vector<Evaluation> measure_blends(const Forecaster& model, const PanelData& data,
                                       std::span<const ForecastWindow> windows, const ForecastRequest& request,
                                       int64_t at_step, std::span<const double> weights) {
  const bool any = std::ranges::any_of(weights, [](double weight) { return weight > 0; });
  Comparison comparison(data, request, {.at_step = at_step, .baselines = false}, weights.size());
  for_each_forecast(model, data, windows, request, any,
                    [&](const ForecastWindow& window, std::span<const float> paths, const Theta& theta) {
                      WindowPaths moved(weights.size(), std::vector<float>(paths.begin(), paths.end()));
                      for (size_t k = 0; k < weights.size() && theta; ++k)
                        blend(moved[k], *theta, {.weight = weights[k], .log = request.blend.log});
                      comparison.add(window, moved);
                    });
  const double loss = mean_loss(model, data, windows, request);
  std::vector<Evaluation> results;
  for (size_t k = 0; k < weights.size(); ++k) results.push_back(with_loss(loss, comparison.result(k)));
  return results;
}

std::vector<BaselineResult> measure_baselines(const PanelData& data, std::span<const ForecastWindow> windows,
                                              const ForecastRequest& request, const MeasureOptions& options) {
  Comparison comparison(data, request, options);
  for (const ForecastWindow& window : windows) comparison.add_naive(window);
  return comparison.baselines();
}

Evaluation measure_naive(const PanelData& data, std::span<const ForecastWindow> windows, const ForecastRequest& request,
                         const MeasureOptions& options) {
  Comparison comparison(data, request, options);
  for (const ForecastWindow& window : windows) comparison.add_naive(window);
  return comparison.result();
}

}  // namespace recur
