#include "recur/tasks/forecast/forecast_task.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/tasks/forecast/fan_chart.h"
#include "recur/tasks/forecast/forecast_defaults.h"
#include "recur/tasks/forecast/forecast_rows.h"
#include "recur/tasks/shuffled_batches.h"

namespace recur {
namespace {

constexpr int64_t kMostValidWindows = 2000;
constexpr int64_t kValidSamples = 20;
constexpr int64_t kStepsOfPass = 100;

// Of each sequence the rows to train on: the last `fraction` of it, at least a horizon, is held out. Sequences too
// short for both stay whole.
std::vector<int64_t> training_ends(const SequenceSet& set, std::optional<double> fraction, int64_t horizon) {
  std::vector<int64_t> ends;
  int64_t whole = 0;
  for (const Sequence& s : set.sequences) {
    const int64_t known = known_rows(set, s);
    const auto share = std::llround(fraction.value_or(0) * static_cast<double>(known));
    const int64_t held = fraction ? std::max<int64_t>(share, horizon) : 0;
    const bool fits = known - held > horizon;
    whole += fraction && !fits ? 1 : 0;
    ends.push_back(fits ? known - held : known);
  }
  if (whole > 0) log_info("{} sequences are too short to hold steps out of them for validation", whole);
  return ends;
}

// The windows behind the training part, evenly thinned out where there are many.
std::vector<ForecastWindow> held_out_windows(const Panel& panel, std::span<const int64_t> ends, int64_t horizon) {
  std::vector<ForecastWindow> windows;
  for (int64_t i = 0; i < std::ssize(panel.series); ++i) {
    const int64_t begin = ends[i], end = std::ssize(panel.series[i].values) - horizon;
    for (int64_t origin = begin; origin <= end; ++origin) windows.push_back({i, origin});
  }
  const int64_t every = (std::ssize(windows) + kMostValidWindows - 1) / kMostValidWindows;
  // Series with a single window each are all kept: thinning is for windows that overlap.
  if (every <= 1 || std::ssize(windows) <= 2 * std::ssize(panel.series)) return windows;
  std::vector<ForecastWindow> kept;
  for (int64_t k = 0; k < std::ssize(windows); k += every) kept.push_back(windows[k]);
  return kept;
}

std::vector<int64_t> by_series(const Panel& panel, std::span<const int64_t> ends) {
  std::vector<int64_t> out;
  for (const PanelSeries& s : panel.series) out.push_back(ends[s.group]);
  return out;
}

// A forecast with a few times as many steps before it.
FanPanel fan_panel(const Panel& panel, const ForecastWindow& window, std::span<const float> paths,
                   const ForecastDataOptions& data) {
  const PanelSeries& s = panel.series[window.series];
  constexpr int64_t kPastHorizons = 4;
  const int64_t begin = std::max<int64_t>(window.origin - kPastHorizons * data.horizon, 0);
  const bool dated = panel.time_kind != TimeKind::kNone;
  const auto label = [&](int64_t t) { return dated ? row_time(panel, s, t) : std::to_string(t + 1); };
  return {.title = panel.name(s),
          .past = {s.values.begin() + begin, s.values.begin() + window.origin},
          .paths = {paths.begin(), paths.end()},
          .horizon = data.horizon,
          .begin = label(begin),
          .end = label(window.origin + data.horizon - 1)};
}

}  // namespace

const TaskInfo& ForecastTask::info() const {
  static const TaskInfo info{.name = "forecast",
                             .summary = "Forecasting: many series to the next steps of each",
                             .data = "series: CSV, TSV, JSON lines, .tsf, .npy, .npz",
                             .unit = "windows"};
  return info;
}

SequenceSet ForecastTask::read(const Paths& paths) const {
  SequenceOptions how = options.data.series.sequence_options(encoder_ ? &encoder_->columns() : nullptr, false);
  if (!encoder_) {
    how.columns.past = options.data.past;
    how.columns.future = options.data.future;
  }
  SequenceSet set = read_sequences(paths, how);
  fill_time_gaps(set);
  for (const std::string& note : set.notes) log_info("{}", note);
  return set;
}

SequenceSet ForecastTask::read_with_history(const Paths& paths) const {
  SequenceSet set = read(paths);
  return options.use.history.empty() ? set : join_history(read({options.use.history}), std::move(set));
}

void ForecastTask::start(const TrainingData& data, uint64_t seed) {
  encoder_.reset();
  const SequenceSet set = read(data.paths);
  choose_forecast_defaults(options, set);
  const auto fraction = data.held_out_fraction();
  const int64_t horizon = options.data.horizon;
  const std::vector<int64_t> ends = training_ends(set, fraction, horizon);
  encoder_ = PanelEncoder::fit(set, ends, options.data);
  Panel panel = encoder_->encode(set);
  const std::vector<int64_t> series_ends = by_series(panel, ends);

  std::optional<Panel> valid_panel;
  std::vector<ForecastWindow> valid_windows;
  if (fraction) valid_windows = held_out_windows(panel, series_ends, horizon);
  if (!fraction && !data.valid.empty()) {
    valid_panel = encoder_->encode(read({data.valid}));
    valid_windows = rolling_windows(*valid_panel, rolling());
  }
  if (!data.valid.empty() && valid_windows.empty()) fail("no series is long enough to validate on");
  WindowSampler sampler(panel, series_ends,
                        {.horizon = horizon,
                         .least_past = options.training.least_past,
                         .by = options.training.sampling,
                         .most_a_pass = kStepsOfPass * windows_of_step()},
                        seed);
  if (sampler.series_left_out() > 0) {
    log_info("{} series are too short to train on: a window needs {} steps and a past", sampler.series_left_out(),
             horizon);
  }
  Random random(seed);
  model_ = make_forecaster(options, sizes(), random);
  training_ = std::make_unique<Training>(
      Training{std::move(panel), std::move(valid_panel), std::move(valid_windows), std::move(sampler)});
}

TrainingStep ForecastTask::step(bool) {
  if (training_ == nullptr) fail("forecast: training has not been started");
  const double before = std::floor(epoch());
  WindowSampler& sampler = training_->sampler;
  const std::vector<ForecastWindow> windows = sampler.next(windows_of_step());
  const Tensor objective = network().loss(training_->panel, windows, Mode::training(sampler.dropout()));
  return {.objective = objective,
          .loss = objective.item(),
          .examples = std::ssize(windows),
          .ends_epoch = std::floor(epoch()) > before};
}

double ForecastTask::default_epochs() const {
  return usual_epochs((training().sampler.a_pass() + windows_of_step() - 1) / windows_of_step());
}

Evaluation ForecastTask::validate() {
  if (!has_validation()) fail("forecast: there are no validation data");
  ForecastRequest how = request();
  how.samples = std::min(how.samples, kValidSamples);
  const Panel& panel = training_->valid_panel ? *training_->valid_panel : training_->panel;
  Evaluation result = measure_forecasts(network(), panel, training_->valid_windows, how, measuring());
  return result;
}

void ForecastTask::restore(const Assets& assets, int64_t elements) {
  check_forecast_options(options);
  encoder_ = PanelEncoder(assets, options.data);
  training_ = nullptr;
  options.use.history.clear();
  options.use.chart.clear();
  check_least_parameters(least_parameters(options, sizes()), elements);
  Random random(0);
  model_ = make_forecaster(options, sizes(), random);
}

Rolling ForecastTask::rolling() const {
  const int64_t stride = options.use.stride > 0 ? options.use.stride : options.data.horizon;
  return {.horizon = options.data.horizon, .count = options.use.backtest, .stride = stride};
}

Evaluation ForecastTask::evaluate(const Paths& paths) {
  const Panel panel = encoder_->encode(read_with_history(paths));
  const std::vector<ForecastWindow> windows = rolling_windows(panel, rolling());
  if (windows.empty()) fail("no series is long enough: a window needs {} steps and a past", options.data.horizon);
  if (options.use.at_step > options.data.horizon) {
    fail_usage("at_step: {} is beyond the horizon of {} steps", options.use.at_step, options.data.horizon);
  }
  return measure_forecasts(network(), panel, windows, request(), measuring());
}

void ForecastTask::predict(const Paths& paths, Sink& rows) {
  const std::vector<double> levels = quantile_levels(options.use.levels);
  const Panel panel = encoder_->encode(read_with_history(paths));
  std::vector<ForecastWindow> windows;
  for (int64_t i = 0; i < std::ssize(panel.series); ++i) {
    const std::vector<float>& values = panel.series[i].values;
    if (first_known(panel.series[i]) < std::ssize(values)) windows.push_back({i, std::ssize(values)});
  }
  if (windows.empty()) fail("there is no series with a value to forecast from");
  ForecastRows out(panel, levels, options.use.output == "samples", rows);
  std::vector<FanPanel> charts;
  const int64_t horizon = options.data.horizon;
  const auto take = [&](const ForecastWindow& window, std::span<const float> paths) {
    out.write(window, paths, horizon);
    const bool drawn = !options.use.chart.empty() && std::ssize(charts) < options.use.charts;
    if (drawn) charts.push_back(fan_panel(panel, window, paths, options.data));
  };
  forecast_windows(network(), panel, windows, request(), take);
  if (!charts.empty()) write_file_atomic(options.use.chart, fan_chart_svg(charts));
}

Description ForecastTask::describe() const {
  Description facts = encoder_->describe();
  facts.insert(facts.end(), {{"decoder", options.model.decoder},
                             {"head", options.model.head},
                             {"horizon", options.data.horizon},
                             {"context", options.data.context},
                             {"season", options.data.season}});
  return facts;
}

ForecastSizes ForecastTask::sizes() const {
  return {.past = encoder_->past_features(),
          .ahead = encoder_->ahead_features(),
          .statics = encoder_->static_features(),
          .identities = encoder_->identities()};
}

ForecastRequest ForecastTask::request() const {
  const ForecastUseOptions& use = options.use;
  return {.horizon = options.data.horizon, .samples = use.samples, .batch = use.batch, .seed = use.seed};
}

MeasureOptions ForecastTask::measuring() const {
  return {.season = options.data.season, .at_step = options.use.at_step};
}

Forecaster& ForecastTask::network() {
  if (!model_) fail("forecast: there is no model yet");
  return *model_;
}

const ForecastTask::Training& ForecastTask::training() const {
  if (training_ == nullptr) fail("forecast: training has not been started");
  return *training_;
}

}  // namespace recur
