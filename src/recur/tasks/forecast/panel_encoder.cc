#include "recur/tasks/forecast/panel_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/scratch_file.h"
#include "recur/data/row_store.h"
#include "recur/data/sequences/time_grid.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

std::vector<std::string> names_of(const SequenceSet& set, bool targets) {
  std::vector<std::string> names;
  for (const Channel& channel : set.channels) {
    if ((channel.role == ChannelRole::kValue) == targets) names.push_back(channel.name);
  }
  return names;
}

// Calls visit(values) with columns first .. first + count - 1 of the first `rows` rows, [T, count], in parts.
void visit_columns(const SequenceSet& set, const Sequence& s, int64_t first, int64_t count, int64_t rows,
                   const PartVisitor& visit) {
  std::vector<float> values;
  for_each_part(set, s, [&](const Sequence& part, int64_t begin) {
    values.clear();
    const int64_t end = std::min(set.length(part), rows - begin);
    for (int64_t t = 0; t < end; ++t) {
      const auto row = set.step(part, t).subspan(static_cast<size_t>(first), static_cast<size_t>(count));
      values.insert(values.end(), row.begin(), row.end());
    }
    if (!values.empty()) visit(values);
  });
}

// Mean and deviation of the values that are known.
Affine standard_scale(std::span<const float> values) {
  return Scaler::fit(ScalerKind::kStandard, 1, std::span(&values, 1)).maps({}, 1)[0];
}

Json to_json(const Affine& map) { return Json::array({map.shift, map.scale}); }

Affine affine_from(const Json& json) {
  const Affine map{json.at(0).get<float>(), json.at(1).get<float>()};
  if (!std::isfinite(map.shift) || !std::isfinite(map.scale) || map.scale <= 0) fail("expected positive scales");
  return map;
}

bool is_number(const std::string& cell) { return is_missing(cell) || parse_number(cell).has_value(); }

}  // namespace

TimeStep step_of(const SequenceSet& set) {
  return set.stated_step.unit != TimeUnit::kNone ? set.stated_step : find_time_grid(set).step;
}

PanelEncoder::PanelEncoder(const ForecastDataOptions& options)
    : horizon_(options.horizon),
      use_calendar_(options.calendar),
      identity_(options.identity),
      keeps_scales_(options.scaler == "standard" || options.center == "standard"),
      calendar_(TimeKind::kNone, {}, 0) {}

PanelEncoder PanelEncoder::fit(const SequenceSet& set, std::span<const int64_t> ends,
                               const ForecastDataOptions& options) {
  PanelEncoder encoder(options);
  encoder.columns_ = set.columns;
  encoder.targets_ = names_of(set, true);
  encoder.covariates_ = names_of(set, false);
  encoder.past_ = set.channels_of(ChannelRole::kPast);
  encoder.ahead_ = set.channels_of(ChannelRole::kFuture);
  encoder.time_kind_ = set.time_kind;
  encoder.step_ = step_of(set);
  encoder.calendar_steps_ = ends.empty() ? 0 : std::ranges::max(ends);
  if (options.calendar) encoder.calendar_ = Calendar(encoder.time_kind_, encoder.step_, encoder.calendar_steps_);
  if (encoder.targets_.empty()) fail("expected at least one column to forecast, got none");
  encoder.fit_covariates(set, ends);
  encoder.fit_statics(set);
  encoder.fit_series(set, ends);
  return encoder;
}

void PanelEncoder::fit_covariates(const SequenceSet& set, std::span<const int64_t> ends) {
  const int64_t width = past_ + ahead_;
  if (width == 0) return;
  covariate_scaler_ = Scaler::fit(ScalerKind::kStandard, width, [&](const PartVisitor& visit) {
    for (size_t i = 0; i < set.sequences.size(); ++i) {
      visit_columns(set, set.sequences[i], std::ssize(targets_), width, ends[i], visit);
    }
  });
}

void PanelEncoder::fit_statics(const SequenceSet& set) {
  for (size_t column = 0; column < set.statics.size(); ++column) {
    Static fitted{.name = set.statics[column], .scale = {}, .words = {}};
    const auto cell = [&](const Sequence& s) -> const std::string& { return s.statics[column]; };
    if (std::ranges::all_of(set.sequences, is_number, cell)) {
      std::vector<float> values;
      for (const Sequence& s : set.sequences) values.push_back(static_cast<float>(set.static_number(s, column)));
      fitted.scale = standard_scale(values);
    } else {
      std::set<std::string> words;
      for (const Sequence& s : set.sequences) words.insert(cell(s));
      constexpr size_t kMostWords = 1000;
      if (words.size() > kMostWords) {
        fail("static column {}: expected at most {} different texts, got {}", fitted.name, kMostWords, words.size());
      }
      fitted.words = Vocabulary({words.begin(), words.end()});
    }
    statics_.push_back(std::move(fitted));
  }
}

std::string PanelEncoder::series_key(const SequenceSet& set, const Sequence& s, int64_t channel) const {
  return s.id + '\n' + set.channels[static_cast<size_t>(channel)].name;
}

void PanelEncoder::fit_series(const SequenceSet& set, std::span<const int64_t> ends) {
  std::vector<std::string> names;
  if (identity_ == "channel") names = targets_;
  for (size_t i = 0; i < set.sequences.size(); ++i) {
    const Sequence& s = set.sequences[i];
    const int64_t targets = std::ssize(targets_);
    std::vector<Affine> scales;
    if (keeps_scales_) {
      const PartSource values = [&](const PartVisitor& visit) { visit_columns(set, s, 0, targets, ends[i], visit); };
      scales = Scaler::fit(ScalerKind::kStandard, targets, values).maps({}, targets);
    }
    for (int64_t c = 0; c < targets; ++c) {
      const std::string key = series_key(set, s, c);
      if (keeps_scales_) scales_[key] = scales[static_cast<size_t>(c)];
      if (identity_ == "series") names.push_back(key);
    }
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  identities_ = Vocabulary(std::move(names));
}

int64_t PanelEncoder::static_features() const {
  int64_t count = 0;
  for (const Static& each : statics_) count += each.features();
  return count;
}

void PanelEncoder::check(const SequenceSet& set) const {
  std::vector<std::string> channels = targets_, statics;
  channels.insert(channels.end(), covariates_.begin(), covariates_.end());
  for (const Static& each : statics_) statics.push_back(each.name);
  check_same_columns(set, channels, statics);
  if (calendar_.features() > 0 && set.time_kind != time_kind_) {
    fail("{}: expected dates, like the training data of the model", listed_files(set.files));
  }
  check_step(set);
}

// A model knows steps of one length. Of a few rows the step is not known for sure.
void PanelEncoder::check_step(const SequenceSet& set) const {
  constexpr int64_t kFewest = 4;  // distances
  constexpr double kTolerance = 1e-3;
  int64_t distances = 0;
  for (const Sequence& s : set.sequences) distances += std::max<int64_t>(set.length(s) - 1, 0);
  const TimeStep here = step_of(set);
  const bool known = step_.unit != TimeUnit::kNone && here.unit != TimeUnit::kNone && set.time_kind == time_kind_;
  if (!known || (distances < kFewest && set.stated_step.unit == TimeUnit::kNone)) return;
  const auto ours = step_seconds(time_kind_, step_).value_or(step_.count);
  const auto theirs = step_seconds(time_kind_, here).value_or(here.count);
  // Days of months differ, so that 30 days may be a month.
  constexpr double kMonths = 0.1;
  const bool by_month = (step_.unit == TimeUnit::kMonth) != (here.unit == TimeUnit::kMonth);
  if (std::abs(theirs / ours - 1) < (by_month ? kMonths : kTolerance)) return;
  fail("{}: its steps are {}, but those of the model's training data were {}", listed_files(set.files),
       time_step_text(here), time_step_text(step_));
}

std::vector<float> PanelEncoder::encode_statics(const SequenceSet& set, const Sequence& s) const {
  std::vector<float> out;
  for (size_t column = 0; column < statics_.size(); ++column) {
    const Static& fitted = statics_[column];
    if (fitted.words.size() == 0) {
      const float value = fitted.scale.apply(static_cast<float>(set.static_number(s, column)));
      out.push_back(std::isnan(value) ? 0 : value);
      continue;
    }
    out.resize(out.size() + static_cast<size_t>(fitted.words.size()), 0);
    const auto word = fitted.words.find(s.statics[column]);  // an unknown one is none of them
    if (word) out[out.size() - static_cast<size_t>(fitted.words.size() - *word)] = 1;
  }
  return out;
}

// What is known of panel and series without their values, but for PanelSeries::first.
Panel PanelEncoder::encode_facts(const SequenceSet& set) const {
  Panel panel{.groups = {},
              .series = {},
              .channels = targets_,
              .horizon = horizon_,
              .one_sequence = set.size() == 1,
              .keeps_scales = keeps_scales_,
              .past_features = past_,
              .ahead_features = ahead_features(),
              .static_features = static_features(),
              .needs_future = ahead_ > 0,
              .time_kind = set.time_kind,
              .time_zone = set.time_zone,
              .step = step_};
  for (const Sequence& s : set.sequences) {
    PanelGroup& group = panel.groups.emplace_back();
    group.id = s.id;
    group.rows = set.length(s);
    group.known = known_rows(set, s);
    group.statics = encode_statics(set, s);
    for (int64_t c = 0; c < std::ssize(targets_); ++c) {
      PanelSeries series;
      series.group = std::ssize(panel.groups) - 1;
      series.channel = c;
      series.steps = series.first = group.known;
      series.offset = set.channels[static_cast<size_t>(c)].offset;
      const std::string key = series_key(set, s, c);
      const auto name = identities_.find(identity_ == "channel" ? targets_[static_cast<size_t>(c)] : key);
      series.identity = name ? *name + 1 : 0;
      if (const auto scale = scales_.find(key); scale != scales_.end()) series.scale = scale->second;
      series.where = set.where(s);
      panel.series.push_back(std::move(series));
    }
  }
  return panel;
}

std::vector<std::string> PanelEncoder::step_features() const {
  const auto first_ahead = covariates_.begin() + past_;
  std::vector<std::string> names(covariates_.begin(), first_ahead);
  const std::vector<std::string> of_calendar = calendar_.names();
  names.insert(names.end(), of_calendar.begin(), of_calendar.end());
  names.insert(names.end(), first_ahead, covariates_.end());
  return names;
}

// Some rows of a sequence for the panel.
struct PanelEncoder::Rows {
  int64_t first = 0;
  std::span<const double> times;                // of those that the data have
  std::vector<float> past, ahead;               // [rows, P] and [rows, A]
  std::vector<std::vector<float>> values = {};  // of each target, as far as it is known
};

// Calls visit(rows) with all of a sequence in order, and at last with the steps ahead of it, which have no past.
template <class Visit>
void PanelEncoder::encode_rows(const SequenceSet& set, const Sequence& s, int64_t known, const Visit& visit) const {
  const std::vector<Affine> maps = covariate_scaler_.maps({}, past_ + ahead_);
  const int64_t width = ahead_features(), calendar = calendar_.features(), targets = std::ssize(targets_);
  const double zone = set.time_zone.value_or(0);  // days begin by its clocks
  double last_time = 0;
  for_each_part(set, s, [&](const Sequence& part, int64_t first) {
    const int64_t count = set.length(part);
    Rows rows{.first = first, .times = part.times, .past = {}, .ahead = {}};
    rows.past.reserve(static_cast<size_t>(count * past_));
    rows.ahead.assign(static_cast<size_t>(count * width), 0);
    rows.values.resize(static_cast<size_t>(targets));
    for (int64_t t = 0; t < count; ++t) {
      const std::span<const float> row = set.step(part, t);
      const auto scaled = [&](int64_t covariate) {
        const float x = row[static_cast<size_t>(targets + covariate)];
        return std::isnan(x) ? 0 : maps[static_cast<size_t>(covariate)].apply(x);
      };
      for (int64_t c = 0; c < past_; ++c) rows.past.push_back(scaled(c));
      float* const to = rows.ahead.data() + t * width;
      if (calendar > 0) calendar_.write(part.times[static_cast<size_t>(t)] + zone, to);
      for (int64_t c = 0; c < ahead_; ++c) to[calendar + c] = scaled(past_ + c);
      for (int64_t c = 0; c < targets && first + t < known; ++c) {
        rows.values[static_cast<size_t>(c)].push_back(row[static_cast<size_t>(c)]);
      }
    }
    if (!part.times.empty()) last_time = part.times.back();
    visit(rows);
  });
  const int64_t length = set.length(s);
  Rows rows{
      .first = length, .times = {}, .past = {}, .ahead = std::vector<float>(static_cast<size_t>(horizon_ * width), 0)};
  for (int64_t h = 0; h < horizon_ && calendar > 0 && length > 0; ++h) {
    calendar_.write(advance(last_time + zone, step_, static_cast<double>(h + 1)), rows.ahead.data() + h * width);
  }
  visit(rows);
}

namespace {

// The first known value of a series, where it is among these.
void note_first(PanelSeries& series, std::span<const float> values, int64_t begin) {
  if (series.first < series.steps) return;
  const auto found = std::ranges::find_if(values, [](float y) { return !std::isnan(y); });
  if (found != values.end()) series.first = begin + (found - values.begin());
}

}  // namespace

Panel PanelEncoder::encode(const SequenceSet& set) const {
  check(set);
  return encode_in_memory(set, encode_facts(set));
}

Panel PanelEncoder::encode_in_memory(const SequenceSet& set, Panel panel) const {
  const int64_t targets = std::ssize(targets_);
  for (int64_t g = 0; g < set.size(); ++g) {
    PanelGroup& group = panel.groups[g];
    const auto own = std::span(panel.series).subspan(static_cast<size_t>(g * targets), static_cast<size_t>(targets));
    group.past.reserve(static_cast<size_t>(group.rows * past_));
    group.ahead.reserve(static_cast<size_t>((group.rows + horizon_) * panel.ahead_features));
    for (PanelSeries& series : own) series.values.reserve(static_cast<size_t>(series.steps));
    encode_rows(set, set.sequences[g], group.known, [&](const Rows& rows) {
      group.times.insert(group.times.end(), rows.times.begin(), rows.times.end());
      group.past.insert(group.past.end(), rows.past.begin(), rows.past.end());
      group.ahead.insert(group.ahead.end(), rows.ahead.begin(), rows.ahead.end());
      for (size_t c = 0; c < rows.values.size(); ++c) {
        note_first(own[c], rows.values[c], rows.first);
        own[c].values.insert(own[c].values.end(), rows.values[c].begin(), rows.values[c].end());
      }
    });
    if (!group.times.empty()) group.last_time = group.times.back();
  }
  return panel;
}

PanelData PanelEncoder::encode_on_disk(const SequenceSet& set, Panel panel) const {
  constexpr const char* kPurpose = "panel: cannot keep the values";
  const auto options = [&](int64_t width) {
    return RowStoreOptions{.width = width, .purpose = kPurpose, .memory_bytes = 1};
  };
  auto store = std::make_shared<PanelStore>(PanelStore{.values = RowStore<float>(options(1)),
                                                       .past = RowStore<float>(options(past_)),
                                                       .ahead = RowStore<float>(options(panel.ahead_features)),
                                                       .times = RowStore<double>(options(1)),
                                                       .first_value = {},
                                                       .first_row = {},
                                                       .first_ahead = {}});
  int64_t values = 0;
  for (const PanelSeries& series : panel.series) {
    store->first_value.push_back(values);
    values += series.steps;
  }
  store->values.resize(values);
  int64_t row = 0, ahead = 0;
  for (const PanelGroup& group : panel.groups) {
    store->first_row.push_back(row);
    store->first_ahead.push_back(ahead);
    row += group.rows;
    ahead += group.rows + horizon_;
  }
  store->past.resize(row);
  store->ahead.resize(ahead);
  if (panel.time_kind != TimeKind::kNone) store->times.resize(row);
  const size_t targets = targets_.size();
  for (size_t g = 0; g < panel.groups.size(); ++g) {
    PanelGroup& group = panel.groups[g];
    encode_rows(set, set.sequences[g], group.known, [&](const Rows& rows) {
      if (!rows.times.empty()) {
        store->times.write(store->first_row[g] + rows.first, rows.times);
        group.last_time = rows.times.back();
      }
      if (!rows.past.empty()) store->past.write(store->first_row[g] + rows.first, rows.past);
      if (!rows.ahead.empty()) store->ahead.write(store->first_ahead[g] + rows.first, rows.ahead);
      for (size_t c = 0; c < rows.values.size(); ++c) {
        note_first(panel.series[g * targets + c], rows.values[c], rows.first);
        if (!rows.values[c].empty()) {
          store->values.write(store->first_value[g * targets + c] + rows.first, rows.values[c]);
        }
      }
    });
  }
  return PanelData(std::make_shared<const Panel>(std::move(panel)), std::move(store));
}

PanelData PanelEncoder::encode_data(const SequenceSet& set) const {
  check(set);
  Panel facts = encode_facts(set);
  int64_t bytes = 0;
  for (const PanelGroup& group : facts.groups) {
    const auto row =
        static_cast<int64_t>((targets_.size() + static_cast<size_t>(past_)) * sizeof(float) + sizeof(double));
    bytes += group.rows * row + (group.rows + horizon_) * facts.ahead_features * static_cast<int64_t>(sizeof(float));
  }
  if (bytes > usual_memory_bytes()) return encode_on_disk(set, std::move(facts));
  return PanelData(std::make_shared<const Panel>(encode_in_memory(set, std::move(facts))));
}

Description PanelEncoder::describe() const {
  Description facts{{"targets", listed(targets_)}};
  if (past_ > 0) facts.push_back({"past_covariates", past_});
  if (ahead_ > 0) facts.push_back({"future_covariates", ahead_});
  if (!statics_.empty()) facts.push_back({"statics", std::ssize(statics_)});
  if (time_kind_ != TimeKind::kNone) facts.push_back({"step", time_step_text(step_)});
  facts.push_back({"calendar", calendar_.text()});
  if (identities_.size() > 0) facts.push_back({"identities", int64_t{identities_.size()}});
  return facts;
}

Assets PanelEncoder::assets() const {
  Json scales = Json::object(), statics = Json::array();
  for (const auto& [key, scale] : scales_) scales.add(key, to_json(scale));
  for (const Static& each : statics_) {
    statics.push_back({{"name", each.name}, {"scale", to_json(each.scale)}, {"words", each.words.words()}});
  }
  const Json json{{"calendar_steps", calendar_steps_},
                  {"covariates", covariates_},
                  {"identities", identities_.words()},
                  {"past", past_},
                  {"scales", std::move(scales)},
                  {"statics", std::move(statics)},
                  {"step_count", step_.count},
                  {"step_unit", static_cast<int>(step_.unit)},
                  {"targets", targets_},
                  {"time_kind", static_cast<int>(time_kind_)}};
  return {{"columns", columns_.to_text()}, {"series", json.dump()}, {"covariate_scaler", covariate_scaler_.to_text()}};
}

PanelEncoder::PanelEncoder(const Assets& assets, const ForecastDataOptions& options) : PanelEncoder(options) {
  columns_ = read_asset(assets, "columns", &Columns::from_text);
  read_asset(assets, "series", [this](const std::string& text) { read_series_facts(text); });
  ahead_ = std::ssize(covariates_) - past_;
  if (use_calendar_) calendar_ = Calendar(time_kind_, step_, calendar_steps_);
  covariate_scaler_ = read_asset(assets, "covariate_scaler",
                                 [this](const std::string& text) { return Scaler::from_text(text, past_ + ahead_); });
}

void PanelEncoder::read_series_facts(std::string_view text) {
  const auto json = parse_json(text, 4);
  if (!json) fail("expected a JSON object");
  targets_ = json->at("targets").get<std::vector<std::string>>();
  covariates_ = json->at("covariates").get<std::vector<std::string>>();
  past_ = json->at("past").get<int64_t>();
  if (const Json* steps = json->find("calendar_steps")) calendar_steps_ = steps->get<int64_t>();
  const int kind = json->at("time_kind").get<int>(), unit = json->at("step_unit").get<int>();
  const double count = json->at("step_count").get<double>();
  if (targets_.empty() || past_ < 0 || past_ > std::ssize(covariates_)) fail("invalid number of columns");
  constexpr double kLongest = 1e12;
  if (kind < 0 || kind > 2 || unit < 0 || unit > 3 || !(std::abs(count) < kLongest)) fail("invalid time step");
  time_kind_ = static_cast<TimeKind>(kind);
  step_ = {static_cast<TimeUnit>(unit), count};
  identities_ = Vocabulary(json->at("identities").get<std::vector<std::string>>());
  for (const Json& each : json->at("statics")) {
    statics_.push_back({each.at("name").get<std::string>(), affine_from(each.at("scale")),
                        Vocabulary(each.at("words").get<std::vector<std::string>>())});
  }
  for (const auto& [key, scale] : json->at("scales").items()) scales_[key] = affine_from(scale);
}

}  // namespace recur
