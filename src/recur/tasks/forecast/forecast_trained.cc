#include "recur/tasks/forecast/forecast_trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/forecast/fan_chart.h"
#include "recur/tasks/forecast/forecast_explain.h"
#include "recur/tasks/forecast/forecast_rows.h"
#include "recur/tasks/forecast/theta.h"
#include "recur/tasks/svg_name.h"
#include "recur/tasks/task_measures.h"

namespace recur {
namespace {

// A forecast with a few times as many steps before it.
FanPanel fan_panel(const PanelData& source, const ForecastWindow& window, std::span<const float> paths,
                   const ForecastDataOptions& data) {
  const Panel& panel = source.panel();
  const PanelSeries& s = panel.series[window.series];
  constexpr int64_t kPastHorizons = 4;
  const int64_t begin = std::max<int64_t>(window.origin - kPastHorizons * data.horizon, 0);
  const bool dated = panel.time_kind != TimeKind::kNone;
  const auto label = [&](int64_t t) { return dated ? row_time(source, s, t) : std::to_string(t + 1); };
  std::vector<float> room;
  const std::span<const float> past = source.values(window.series, begin, window.origin, room);
  return {.title = panel.name(s),
          .past = {past.begin(), past.end()},
          .paths = {paths.begin(), paths.end()},
          .horizon = data.horizon,
          .offset = s.offset,
          .begin = label(begin),
          .end = label(window.origin + data.horizon - 1)};
}

// A forecast from values that are older than what the network reads knows their level alone.
void warn_of_old_values(const PanelData& data, std::span<const ForecastWindow> windows, int64_t context) {
  int64_t count = 0;
  std::string first;
  for (const ForecastWindow& window : windows) {
    const PanelSeries& s = data.panel().series[static_cast<size_t>(window.series)];
    bool known = false;
    const int64_t begin = std::max<int64_t>(window.origin - context, 0);
    data.for_each_part(window.series, begin, window.origin, [&](std::span<const float> values, int64_t) {
      known = known || std::ranges::any_of(values, [](float y) { return !std::isnan(y); });
    });
    if (!known && count++ == 0) first = data.panel().name(s);
  }
  if (count > 0) {
    log_warning(
        "{} no value in the last {} steps, which the network reads; the first: {}. Its forecast goes on from older "
        "values",
        counted(count, "series has", "series have"), context, quoted_cell(first));
  }
}

// Behind the last step of each series. Nothing can be said of one that has no value.
std::vector<ForecastWindow> windows_behind(const Panel& panel) {
  std::vector<ForecastWindow> windows;
  int64_t empty = 0;
  std::string first;
  for (int64_t i = 0; i < std::ssize(panel.series); ++i) {
    const PanelSeries& s = panel.series[static_cast<size_t>(i)];
    if (first_known(s) < s.steps) {
      windows.push_back({i, s.steps});
    } else if (empty++ == 0) {
      first = panel.name(s);
    }
  }
  if (windows.empty()) fail("expected at least one series with a value, got none");
  if (empty > 0) {
    log_warning("{} no value, so that there is no forecast; the first: {}", counted(empty, "series has", "series have"),
                quoted_cell(first));
  }
  return windows;
}

}  // namespace

const TaskInfo& forecast_info() {
  static const TaskInfo info{.name = "forecast",
                             .summary = "Forecasting: predicts the next steps of many series",
                             .data = "series: CSV, TSV, JSON lines, .tsf, .npy, .npz",
                             .unit = "windows",
                             .holds_out = 0.1};
  return info;
}

namespace {

// Logarithms, factors and counts are of the values themselves.
bool needs_level(const ForecastOptions& options) {
  return options.data.log || options.model.decoder == "smoothing" || counts_values(options);
}

}  // namespace

bool counts_values(const ForecastOptions& options) { return options.model.head == "negative_binomial"; }

void check_counts(const PanelData& data, const ForecastOptions& options) {
  if (!counts_values(options)) return;
  const Panel& panel = data.panel();
  int64_t fractions = 0;
  std::string first;
  for (int64_t i = 0; i < std::ssize(panel.series); ++i) {
    const PanelSeries& s = panel.series[static_cast<size_t>(i)];
    data.for_each_part(i, 0, s.steps, [&](std::span<const float> values, int64_t begin) {
      for (int64_t k = 0; k < std::ssize(values); ++k) {
        const float y = values[static_cast<size_t>(k)];
        const int64_t t = begin + k;
        const auto place = [&] {
          const std::string time = panel.time_kind == TimeKind::kNone ? "" : fmt::format(" ({})", row_time(data, s, t));
          return fmt::format("{}: step {}{} of series {}", s.where, t + 1, time, quoted_cell(panel.name(s)));
        };
        if (y < 0) fail("{}: expected a count of 0 or more with head = {}, got {}", place(), options.model.head, y);
        if (std::isnan(y) || y == std::floor(y)) continue;
        if (fractions++ == 0) first = place();
      }
    });
  }
  if (fractions > 0)
    log_info("{}, as head = {} expects; the first: {}",
             counted(fractions, "value is not an integer", "values are not integers"), options.model.head, first);
}

SequenceSet read_series(const DataFiles& data, const ForecastOptions& options, const PanelEncoder* encoder) {
  SequenceOptions how = options.data.series.sequence_options(encoder != nullptr ? &encoder->columns() : nullptr, false);
  how.leave_out_calendar = true;  // the network has it of the times
  if (encoder == nullptr) {
    how.columns.past = options.data.past;
    how.columns.future = options.data.future;
  }
  how.keep_level = needs_level(options);
  SequenceSet set = read_sequences(data, how);
  fill_time_gaps(set);
  for (const std::string& note : set.notes) log_info("{}", note);
  return set;
}

int64_t reach_of(const ForecastOptions& options) {
  const std::vector<int64_t>& lags = options.model.lags;
  const int64_t furthest = lags.empty() ? 1 : std::ranges::max(lags);
  // Whole segments, a lag before the first step of the context, and the covariates of the step before it.
  const int64_t read = options.data.context + std::max(options.model.segment, furthest) + 1;
  return options.model.base == "theta" ? std::max(read, theta_reach(options.data.season)) : read;
}

Rolling rolling_of(const ForecastOptions& options) {
  const int64_t stride = options.use.stride > 0 ? options.use.stride : options.data.horizon;
  return {.horizon = options.data.horizon, .count = options.use.backtest, .stride = stride};
}

ForecastSizes ForecastTrained::sizes_of(const PanelEncoder& encoder) {
  return {.past = encoder.past_features(),
          .ahead = encoder.ahead_features(),
          .statics = encoder.static_features(),
          .identities = encoder.identities()};
}

ForecastTrained::ForecastTrained(const ForecastOptions& options, PanelEncoder encoder, Random& random)
    : TrainedOf(options), encoder_(std::move(encoder)), model_(make_forecaster(options, sizes_of(encoder_), random)) {}

SequenceSet ForecastTrained::read_with_history(const DataFiles& data) const {
  SequenceSet set = read_series(data, options_, &encoder_);
  if (options_.use.history.empty()) return set;
  return join_history(read_series({DataFile(options_.use.history)}, options_, &encoder_), std::move(set));
}

ForecastRequest ForecastTrained::request() const {
  const ForecastUseOptions& use = options_.use;
  const Blend how{.weight = options_.model.blend.value_or(0), .log = options_.data.log};
  const int64_t reach = reach_of(options_), season = options_.data.season;
  return {.horizon = options_.data.horizon,
          .season = season,
          .samples = use.samples,
          .batch = use.batch,
          .seed = use.seed,
          .reach = how.weight > 0 ? std::max(reach, theta_reach(season)) : reach,
          .blend = how};
}

Evaluation ForecastTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const int64_t horizon = options_.data.horizon;
  const PanelData encoded = encoder_.encode_data(read_with_history(data));
  const Panel& panel = encoded.panel();
  check_counts(encoded, options_);
  const std::vector<ForecastWindow> windows = rolling_windows(panel, rolling_of(options_));
  if (windows.empty()) fail("no series is long enough to evaluate on: {}", length_text(panel, horizon));
  const int64_t wanted = options_.use.backtest * std::ssize(panel.series);
  if (const int64_t found = std::ssize(windows); found < wanted) {
    log_info("backtest: {} into the series, of {} that were asked for", counted(found, "window fits", "windows fit"),
             wanted);
  }
  if (options_.use.at_step > horizon) {
    fail_usage("at_step: expected a step within the horizon of {1} steps, got {0}", options_.use.at_step, horizon);
  }
  if (examples != nullptr) write_window_scores(*model_, encoded, windows, request(), *examples);
  return measure_forecasts(*model_, encoded, windows, request(), {.at_step = options_.use.at_step});
}

std::vector<TaskMeasure> ForecastTrained::measures(const KeptRows& examples) const {
  return {mean_of("smape", numbers_of(examples, "smape")), mean_of("mase", numbers_of(examples, "mase"))};
}

void ForecastTrained::predict(const DataFiles& data, Sink& out) const {
  check_svg_name("chart", options_.use.chart);
  const std::vector<double> levels = quantile_levels(options_.use.levels);
  const PanelData encoded = encoder_.encode_data(read_with_history(data));
  const Panel& panel = encoded.panel();
  check_counts(encoded, options_);
  const std::vector<ForecastWindow> windows = windows_behind(panel);
  warn_of_old_values(encoded, windows, options_.data.context);
  ForecastRows rows(encoded, levels, options_.use.output == "samples", out);
  std::vector<FanPanel> charts;
  const auto take = [&](const ForecastWindow& window, std::span<const float> paths) {
    rows.write(window, paths, options_.data.horizon);
    const bool drawn = !options_.use.chart.empty() && std::ssize(charts) < options_.use.charts;
    if (drawn) charts.push_back(fan_panel(encoded, window, paths, options_.data));
  };
  forecast_windows(*model_, encoded, windows, request(), take);
  if (!charts.empty()) out.picture({.name = options_.use.chart, .bytes = fan_chart_svg(charts)});
}

std::unique_ptr<ExplainableData> ForecastTrained::explainable(const DataFiles& data) const {
  Panel panel = encoder_.encode(read_with_history(data));
  check_counts(panel, options_);
  return std::make_unique<ForecastRecords>(*this, std::move(panel));
}

Description ForecastTrained::describe() const {
  Description facts = encoder_.describe();
  facts.insert(facts.end(), {{"decoder", options_.model.decoder},
                             {"head", options_.model.head},
                             {"horizon", options_.data.horizon},
                             {"context", options_.data.context},
                             {"season", options_.data.season},
                             {"members", options_.model.members},
                             {"base", options_.model.base},
                             {"blend", options_.model.blend ? fmt::format("{}", *options_.model.blend)
                                                            : "chosen on validation data"}});
  return facts;
}

}  // namespace recur
