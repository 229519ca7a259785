#include "recur/tasks/forecast/forecast_task.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/tasks/forecast/forecast_defaults.h"
#include "recur/tasks/forecast/forecast_training.h"
#include "recur/tasks/forecast/target_notes.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

constexpr int64_t kMostValidWindows = 2000;
constexpr int64_t kStepsOfPass = 100;

// Of each sequence the rows to train on: the last `fraction` of it, at least a horizon, is held out. Sequences too
// short for both stay whole.
struct TrainingEnds {
  std::vector<int64_t> ends;
  int64_t whole = 0;  // sequences that are too short
};
TrainingEnds training_ends(const SequenceSet& set, std::optional<double> fraction, int64_t horizon) {
  TrainingEnds out;
  for (const Sequence& s : set.sequences) {
    const int64_t known = known_rows(set, s);
    const auto share = std::llround(fraction.value_or(0) * static_cast<double>(known));
    const int64_t held = fraction ? std::max<int64_t>(share, horizon) : 0;
    const bool fits = known - held > horizon;
    out.whole += fraction && !fits ? 1 : 0;
    out.ends.push_back(fits ? known - held : known);
  }
  return out;
}

// The windows behind the training part, evenly thinned out where there are many.
std::vector<ForecastWindow> held_out_windows(const Panel& panel, std::span<const int64_t> ends, int64_t horizon) {
  const auto count = [&](int64_t i) {
    return std::max<int64_t>(panel.series[static_cast<size_t>(i)].steps - horizon - ends[i] + 1, 0);
  };
  const int64_t series = std::ssize(panel.series);
  int64_t all = 0;
  for (int64_t i = 0; i < series; ++i) all += count(i);
  // Series with a single window each are all kept: thinning is for windows that overlap.
  const int64_t every = all <= 2 * series ? 1 : (all + kMostValidWindows - 1) / kMostValidWindows;
  std::vector<ForecastWindow> kept;
  int64_t next = 0, before = 0;  // the number of the next one to keep, and of the series' first one
  for (int64_t i = 0; i < series; before += count(i), ++i) {
    for (; next < before + count(i); next += every) kept.push_back({i, ends[i] + next - before});
  }
  return kept;
}

// How many series have windows.
int64_t series_of(std::span<const ForecastWindow> windows) {
  std::set<int64_t> series;
  for (const ForecastWindow& window : windows) series.insert(window.series);
  return std::ssize(series);
}

std::vector<int64_t> by_series(const Panel& panel, std::span<const int64_t> ends) {
  std::vector<int64_t> out;
  for (const PanelSeries& s : panel.series) out.push_back(ends[s.group]);
  return out;
}

// From windows as the sampler, a copy of that of the training, draws them.
void begin_with_errors(ForecastTrained& trained, const PanelData& data, WindowSampler sampler) {
  constexpr int64_t kWindows = 512;
  const ForecastOptions& options = trained.options();
  const PanelWindows drawn = data.load(sampler.next(kWindows), reach_of(options), options.data.horizon);
  trained.network().begin_with_errors(*drawn.panel, drawn.windows);
}

// `whole`: sequences that nothing is held out of.
void say_what_is_held_out(const TrainingData& data, int64_t whole, bool any) {
  if (!any) {
    log_info("no series is long enough to hold out its end for validation: the model of the last step is kept");
    return;
  }
  if (data.may_hold_none) {
    log_info(
        "{} of each series, at least a horizon, is held out at its end to decide when to stop; valid = none trains on "
        "everything",
        *data.held_out);
  }
  if (whole > 0) {
    log_info("{} too short to hold out steps for validation", counted(whole, "sequence is", "sequences are"));
  }
}

void check_share(const ForecastOptions& options, const Shard& shard) {
  if (options.training.batch < shard.ranks) {
    fail_usage("batch: expected at least one window per process, got {} windows for {} processes",
               options.training.batch, shard.ranks);
  }
}

}  // namespace

const TaskInfo& ForecastTask::info() const { return forecast_info(); }

std::unique_ptr<Training> ForecastTask::train(const TrainingData& data, const TrainingStart& start) {
  const auto* first = first_model<ForecastTrained>(start);
  const bool are_guessed = options.data.series.values.empty();
  const SequenceSet set = read_series(data.files, options, first != nullptr ? &first->encoder() : nullptr);
  std::string taken = taken_text(set);
  choose_forecast_defaults(options, set);
  check_share(options, start.shard);
  const int64_t horizon = options.data.horizon;
  const auto [ends, whole] = training_ends(set, data.held_out, horizon);
  PanelEncoder encoder = first != nullptr ? first->encoder() : PanelEncoder::fit(set, ends, options.data);
  ForecastParts parts{.data = encoder.encode_data(set), .valid_data = {}, .valid_windows = {}};
  check_counts(parts.data, options);
  const std::vector<int64_t> series_ends = by_series(parts.data.panel(), ends);
  if (data.held_out) parts.valid_windows = held_out_windows(parts.data.panel(), series_ends, horizon);
  if (!data.valid.empty()) {
    parts.valid_data = encoder.encode_data(read_series(data.valid, options, &encoder));
    check_counts(*parts.valid_data, options);
    parts.valid_windows = rolling_windows(parts.valid_data->panel(), rolling_of(options));
  }
  if (data.has_validation() && parts.valid_windows.empty() && !data.may_hold_none) {
    fail("valid: no series is long enough for a validation window: {}{}",
         length_text((parts.valid_data ? *parts.valid_data : parts.data).panel(), horizon),
         data.held_out ? fmt::format(", and {} more to train on", horizon + 1) : "");
  }
  WindowSampler sampler(parts.data, series_ends,
                        {.horizon = horizon,
                         .least_past = options.training.least_past,
                         .by = options.training.sampling,
                         .members = options.model.members,
                         .most_a_pass = kStepsOfPass * windows_of_step(options)},
                        start);
  if (data.held_out) say_what_is_held_out(data, whole, !parts.valid_windows.empty());
  if (sampler.series_left_out() > 0) {
    log_info("{} of {} series {} too short to train on: a window needs {} steps, {} to forecast and one before them",
             sampler.series_left_out(), parts.data.panel().series.size(), sampler.series_left_out() == 1 ? "is" : "are",
             horizon + 1, horizon);
  }
  const std::string narrow = are_guessed ? narrow_targets_note(parts.data) : "";
  if (!narrow.empty()) log_info("{}", narrow);
  Random random(start.seed, kInitialValues);
  ForecastTrained trained(options, std::move(encoder), random);
  if (options.model.base == "theta") begin_with_errors(trained, parts.data, sampler);
  const bool chooses = chooses_blend(options, series_of(parts.valid_windows));
  if (!chooses) trained.set_blend(options.model.blend.value_or(0));
  auto training = std::make_unique<ForecastTraining>(std::move(trained), std::move(parts), std::move(sampler),
                                                     WindowReading{.batch = options.training.batch,
                                                                   .members = options.model.members,
                                                                   .reach = reach_of(options),
                                                                   .horizon = horizon,
                                                                   .shard = start.shard},
                                                     learns_twice(options, set), chooses);
  training->set_taken(std::move(taken));
  return training;
}

std::unique_ptr<Trained> ForecastTask::restore(const Assets& assets, int64_t elements) const {
  ForecastOptions own = options;
  if (own.model.base == "auto") own.model.base = "none";  // of a model from before there was a base
  check_forecast_options(own);
  own.use.history.clear();
  own.use.chart.clear();
  PanelEncoder encoder(assets, own.data);
  check_least_parameters(least_parameters(own, ForecastTrained::sizes_of(encoder)), elements);
  Random random(0);
  return std::make_unique<ForecastTrained>(own, std::move(encoder), random);
}

}  // namespace recur
