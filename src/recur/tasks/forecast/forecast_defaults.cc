#include "recur/tasks/forecast/forecast_defaults.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/tasks/forecast/calendar.h"
#include "recur/tasks/forecast/panel_encoder.h"
#include "recur/tasks/forecast/theta_past.h"

namespace recur {
namespace {

constexpr int64_t kLongestLag = 1 << 20;  // the limit of the options of steps

void set_if(std::string& option, std::string_view open, const std::string& value) {
  if (option == open) option = value;
}

// Of the season that how often values come suggests: 1 where no series is as long, so that none can be learnt.
int64_t season_of(const UsualRate& usual, int64_t longest) {
  if (usual.season <= std::min(longest, kLongestLag)) return usual.season;
  log_info("season 1: a season would be {} steps, and the longest series has {}", usual.season, longest);
  return 1;
}

constexpr int64_t kLongSeason = 20;  // it is a day, and days differ within a week

// The steps in which a season shows.
int64_t usual_past(int64_t season) {
  constexpr int64_t kDaysOfWeek = 7;
  return (season >= kLongSeason ? kDaysOfWeek : 2) * season;
}

int64_t median_length(const SequenceSet& set) {
  std::vector<int64_t> lengths;
  for (const Sequence& s : set.sequences) lengths.push_back(set.length(s));
  const auto middle = lengths.begin() + std::ssize(lengths) / 2;
  std::ranges::nth_element(lengths, middle);
  return middle == lengths.end() ? 0 : *middle;
}

// Where no season says how far back the past matters, four horizons of series that are long enough for it. Held-out
// windows of M4's training parts: weekly series (years of them) have an OWA of .73 with four and .87 with two, yearly
// ones (thirty values) .69 and .68.
int64_t usual_horizons(const SequenceSet& set, const ForecastDataOptions& data) {
  constexpr int64_t kLong = 10;
  return data.season == 1 && median_length(set) / kLong >= data.horizon ? 4 : 2;
}

void choose_lengths(ForecastOptions& options, const SequenceSet& set) {
  ForecastDataOptions& data = options.data;
  const UsualRate usual = usual_rate(set.time_kind, step_of(set));
  int64_t longest = 1;
  for (const Sequence& s : set.sequences) longest = std::max(longest, set.length(s));
  if (data.season == 0) data.season = season_of(usual, longest);
  if (data.horizon == 0) data.horizon = set.stated_horizon > 0 ? set.stated_horizon : usual.horizon;
  // Before any memory is taken that the horizon asks for.
  constexpr int64_t kAnyway = 1000;
  if (data.horizon > std::max(longest, kAnyway)) {
    fail("horizon: {} steps, and the longest series has {}: set horizon to a shorter one", data.horizon, longest);
  }
  if (data.context == 0) {
    data.context = std::max(usual_horizons(set, data) * data.horizon, std::min(usual_past(data.season), longest));
  }
  if (options.model.segment == 0) {
    constexpr int64_t kSegments = 8;
    options.model.segment =
        data.season > 1 ? std::min(data.season, data.context) : std::max<int64_t>(data.context / kSegments, 1);
  }
}

// Whether the windows to learn from are fewer than so many batches.
bool has_less_than(int64_t batches, const ForecastOptions& options, const SequenceSet& set) {
  int64_t windows = 0;
  for (const Sequence& s : set.sequences) windows += std::max<int64_t>(set.length(s) - options.data.horizon, 0);
  windows *= set.channels_of(ChannelRole::kValue);
  return windows < batches * options.training.batch;
}

constexpr int64_t kFewBatches = 50;

// Of few windows each network learns something else, and their mean errs less. Geometric mean of the OWA of six single
// series of 36 to 240 values, seeds 1 to 3: .74 of one network, .73 of five, which differ less from seed to seed. Of
// many short series, whose windows are soon learnt, three networks are enough.
void choose_members(ForecastOptions& options, const SequenceSet& set) {
  constexpr int64_t kOfFewWindows = 5, kOfShortSeries = 3, kManyBatches = 3000, kShort = 200;
  int64_t& members = options.model.members;
  if (members > 0) return;
  members = 1;
  if (options.model.decoder != "direct") return;
  if (has_less_than(kFewBatches, options, set)) {
    members = kOfFewWindows;
  } else if (median_length(set) < kShort && has_less_than(kManyBatches, options, set)) {
    members = kOfShortSeries;
  }
}

constexpr int64_t kManySeries = 50;

// Many series, all of whose values are above 0 and not next to it: their levels and the size of their seasons differ,
// and logarithms make them alike.
bool is_positive_panel(const SequenceSet& set) {
  constexpr double kNextToZero = 1e-3;  // of the mean
  const int64_t values = set.channels_of(ChannelRole::kValue), width = set.width();
  if (set.size() * values < kManySeries) return false;
  if (std::ranges::any_of(set.channels, [](const Channel& c) { return c.offset != 0; })) return false;
  struct Known {
    double least = std::numeric_limits<double>::infinity(), sum = 0, count = 0;
  };
  return std::ranges::all_of(set.sequences, [&](const Sequence& sequence) {
    std::vector<Known> known(static_cast<size_t>(values));
    for_each_part(set, sequence, [&](const Sequence& part, int64_t) {
      for (size_t at = 0; at < part.values.size(); ++at) {
        const size_t channel = at % static_cast<size_t>(width);
        const double y = part.values[at];
        if (channel >= known.size() || std::isnan(y)) continue;
        known[channel].least = std::min(known[channel].least, y);
        known[channel].sum += y;
        ++known[channel].count;
      }
    });
    return std::ranges::all_of(known, [](const Known& of) {
      return of.count == 0 || (of.least > 0 && of.least >= kNextToZero * of.sum / of.count);
    });
  });
}

// Of many positive series with a season, logarithms around the mean of the context. OWA on the last windows of M4's
// training parts, without and with: hourly .50 and .46, quarterly .95 and .93, monthly .93 and .84. A long context has
// a linear model beside the network: hourly .44.
void choose_scales(ForecastOptions& options, const SequenceSet& set) {
  ForecastDataOptions& data = options.data;
  ForecastModelOptions& model = options.model;
  const bool samples = model.decoder == "autoregressive", counts = model.head == "negative_binomial";
  const bool open = data.scaler == "auto" && data.center == "auto" && !data.log;
  if (open && model.decoder == "direct" && !counts && data.season > 1 && is_positive_panel(set)) {
    data.log = true;
    data.scaler = "none";
    data.center = "mean";
    if (data.season >= kLongSeason && !model.highway) model.highway = data.context;
    log_info(
        "many series of values above 0: their logarithms are forecast (log = true, center = mean, scaler = none, "
        "highway = {}); center = last leaves values as they are",
        model.highway.value_or(0));
  }
  if (!model.highway) model.highway = 0;
  set_if(data.scaler, "auto", samples || counts ? "mean" : "deviation");
  set_if(data.center, "auto", samples || counts ? "none" : "last");
}

// A year's season, or none: few windows show too little of it, while those of days are soon learnt. With this base and
// a refit the OWA of small panels out of M4's training parts is lower for weekly and monthly series, and the same for
// yearly and quarterly ones (tools/accept/small_panels.sh); of daily and hourly ones a base often raises it.
bool has_slow_season(int64_t season) {
  constexpr int64_t kQuarters = 4, kMonths = 12;
  return season == 1 || season == kQuarters || season == kMonths;
}

// What is learnt from windows whose base is the last value would not fit the others, so these must be enough.
void choose_base(ForecastOptions& options, const SequenceSet& set) {
  const ForecastModelOptions& model = options.model;
  constexpr int64_t kBatches = 16;
  const int64_t least = kSeasonsOfBase * options.data.season;
  const bool fits = model.decoder == "direct" && !options.data.log && model.head != "negative_binomial" &&
                    model.blend.value_or(0) == 0 && has_slow_season(options.data.season) &&
                    median_length(set) - options.data.horizon >= 2 * least;
  set_if(options.model.base, "auto", fits && has_less_than(kBatches, options, set) ? "theta" : "none");
  int64_t& past = options.training.least_past;
  if (past == 0)
    past = std::max(std::min(options.data.context, options.data.horizon), model.base == "theta" ? least : 0);
}

// The latest values, and those about one season and seven (a week of days) before.
std::vector<int64_t> usual_lags(int64_t season) {
  std::vector<int64_t> lags{1, 2, 3};
  for (const int64_t back : {season, 2 * season, 7 * season}) {
    for (const int64_t lag : {back - 1, back, back + 1}) {
      if (season > 1 && lag > lags.back() && lag <= kLongestLag) lags.push_back(lag);
    }
  }
  return lags;
}

// As Smyl (2020) has them by the season.
std::vector<int64_t> usual_dilations(int64_t season) {
  if (season == 1) return {1, 2, 6};
  return {1, std::max<int64_t>(season / 6, 2), season};
}

// Each series has factors of its own, and its scale is its level.
void choose_smoothing_defaults(ForecastOptions& options) {
  ForecastDataOptions& data = options.data;
  set_if(data.identity, "auto", "series");
  if (data.identity != "series")
    fail_usage("identity: expected series with decoder = smoothing, got {}", data.identity);
  set_if(data.scaler, "auto", "none");
  set_if(data.center, "auto", "none");
}

void check_together(const ForecastOptions& options) {
  const ForecastDataOptions& data = options.data;
  const ForecastModelOptions& model = options.model;
  if (model.rnn.bidirectional) fail_usage("bidirectional: not possible in forecasting");
  const bool stacked = model.rnn.layers > 1 || !model.rnn.widths.empty() || !model.rnn.cells.empty();
  if (model.decoder == "smoothing" && stacked) {
    fail_usage("layers, widths and cells: not possible with decoder = smoothing; dilations sets the number of layers");
  }
  if (data.log && (data.scaler == "standard" || data.center == "standard")) {
    fail_usage("log: expected a scaler and center other than standard");
  }
  if (model.head == "negative_binomial" && (data.log || data.center != "none")) {
    fail_usage("head = negative_binomial: expected center = none and no log");
  }
  const bool blends = model.blend.value_or(0) > 0;
  if (blends && (model.decoder != "direct" || model.base != "none" || model.head == "negative_binomial")) {
    fail_usage("blend: expected decoder = direct, base = none, and a head other than negative_binomial");
  }
  if (model.base == "theta" && (model.decoder != "direct" || data.log || model.head == "negative_binomial")) {
    fail_usage("base = theta: expected decoder = direct, no log, and a head other than negative_binomial");
  }
}

}  // namespace

void choose_forecast_defaults(ForecastOptions& options, const SequenceSet& set) {
  ForecastModelOptions& model = options.model;
  ForecastDataOptions& data = options.data;
  choose_lengths(options, set);
  choose_members(options, set);
  set_if(model.head, "auto", model.decoder == "autoregressive" ? "normal" : "quantiles");
  if (model.decoder == "smoothing") choose_smoothing_defaults(options);
  set_if(data.identity, "auto", set.channels_of(ChannelRole::kValue) > 1 ? "channel" : "none");
  choose_scales(options, set);
  choose_base(options, set);
  if (model.lags.empty()) model.lags = usual_lags(data.season);
  if (model.dilations.empty()) model.dilations = usual_dilations(data.season);
  check_together(options);
}

// Of many series there is enough to choose by. The Theta method knows one season, and days of hours have two.
bool chooses_blend(const ForecastOptions& options, int64_t validated_series) {
  const ForecastModelOptions& model = options.model;
  return !model.blend && model.decoder == "direct" && model.base == "none" && model.head != "negative_binomial" &&
         options.data.season < kLongSeason && validated_series >= kManySeries;
}

bool learns_twice(const ForecastOptions& options, const SequenceSet& set) {
  const std::string& refit = options.training.refit;
  return refit == "auto" ? has_less_than(kFewBatches, options, set) : refit == "yes";
}

void check_forecast_options(const ForecastOptions& options) {
  const ForecastDataOptions& data = options.data;
  const ForecastModelOptions& model = options.model;
  const bool open = model.head == "auto" || data.identity == "auto" || data.scaler == "auto" || data.center == "auto";
  if (open || data.season < 1 || data.horizon < 1 || data.context < 1 || model.segment < 1 || model.lags.empty() ||
      model.dilations.empty() || model.members < 1) {
    fail(
        "the model file lacks a value of horizon, context, season, segment, lags, dilations, members, head, identity, "
        "scaler or center");
  }
  check_together(options);
}

}  // namespace recur
