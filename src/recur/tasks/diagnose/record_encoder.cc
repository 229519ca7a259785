#include "recur/tasks/diagnose/record_encoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/tasks/diagnose/fill_gaps.h"
#include "recur/tasks/diagnose/normal_values.h"
#include "recur/tasks/diagnose/time_steps.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

std::vector<Affine> standard_maps(const PartSource& parts, int64_t width) {
  return Scaler::fit(ScalerKind::kStandard, width, parts).maps({}, width);
}

// shift and scale of each, one after the other, and back.
std::vector<float> flat(const std::vector<Affine>& maps) {
  std::vector<float> numbers;
  for (const Affine& map : maps) numbers.insert(numbers.end(), {map.shift, map.scale});
  return numbers;
}
std::vector<Affine> maps_from(const std::vector<float>& numbers) {
  std::vector<Affine> maps;
  for (size_t i = 0; i + 1 < numbers.size(); i += 2) {
    maps.push_back({numbers[i], numbers[i + 1]});
    if (!std::isfinite(maps.back().shift) || !(maps.back().scale > 0)) fail("expected finite, positive scales");
  }
  return maps;
}

}  // namespace

RecordEncoder RecordEncoder::fit(const SequenceSet& set, std::span<const int64_t> train,
                                 const DiagnoseDataOptions& options) {
  check_has_values(set, train);
  return fit(set, GriddedRecords(set, train, options.grid), options);
}

RecordEncoder RecordEncoder::fit(const SequenceSet& set, const GriddedRecords& train,
                                 const DiagnoseDataOptions& options) {
  RecordEncoder encoder(options);
  encoder.columns_ = set.columns;
  encoder.channels_ = channel_names(set);
  encoder.statics_ = set.statics;
  encoder.fit_channels(train.values());
  if (!set.statics.empty()) {
    encoder.static_maps_ =
        standard_maps([&](const PartVisitor& visit) { visit(train.statics()); }, std::ssize(set.statics));
  }
  if (!options.gaps.normal_values.empty()) encoder.take_normal_values(options.gaps.normal_values);
  encoder.fit_elapsed(train.values());
  return encoder;
}

// Twice, without outliers the second time: one temperature of 0 K among a thousand widens the deviation of all.
void RecordEncoder::fit_channels(const PartSource& values) {
  const auto width = static_cast<size_t>(channels());
  maps_ = standard_maps(values, channels());
  if (clip_ <= 0) return;
  std::vector<float> kept;
  const PartSource without_outliers = [&](const PartVisitor& visit) {
    values([&](std::span<const float> part) {
      kept.assign(part.begin(), part.end());
      for (size_t i = 0; i < kept.size(); ++i) {
        const double deviations = static_cast<double>(std::abs(maps_[i % width].apply(kept[i])));
        if (deviations > clip_) kept[i] = std::numeric_limits<float>::quiet_NaN();
      }
      visit(kept);
    });
  };
  maps_ = standard_maps(without_outliers, channels());
}

void RecordEncoder::take_normal_values(const std::string& path) {
  const auto values = read_normal_values(path);
  int64_t known = 0;
  for (size_t c = 0; c < channels_.size(); ++c) {
    const auto at = values.find(channels_[c]);
    if (at == values.end()) continue;
    maps_[c].shift = at->second;
    ++known;
  }
  log_info("{}: normal values of {} of {} channels; for the others it is the mean of the training data", path, known,
           channels());
}

void RecordEncoder::fit_elapsed(const PartSource& values) {
  std::vector<double> sums(channels_.size(), 0);
  int64_t steps = 0;
  values([&](std::span<const float> record) {
    const FilledRecord filled = fill_gaps(record, channels(), "normal");
    for (size_t at = 0; at < filled.elapsed.size(); ++at) sums[at % sums.size()] += double{filled.elapsed[at]};
    steps += std::ssize(filled.elapsed) / channels();
  });
  for (const double sum : sums)
    usual_elapsed_.push_back(sum > 0 ? static_cast<float>(sum / static_cast<double>(steps)) : 1.0f);
}

float RecordEncoder::scaled(float value, const Affine& map) const {
  const float units = map.apply(value), most = static_cast<float>(clip_);
  return clip_ > 0 && !std::isnan(units) ? std::clamp(units, -most, most) : units;
}

void RecordEncoder::check_columns(const SequenceSet& set) const { check_same_columns(set, channels_, statics_); }

EncodedRecord RecordEncoder::encode(const SequenceSet& set, const Sequence& record) const {
  check_columns(set);
  std::vector<float> statics;
  for (size_t s = 0; s < statics_.size(); ++s) statics.push_back(static_cast<float>(set.static_number(record, s)));
  return encode(in_steps(set, record, grid_), statics);
}

EncodedRecord RecordEncoder::encode(std::span<const float> values, std::span<const float> statics) const {
  EncodedRecord out{.values = {values.begin(), values.end()}, .statics = {}};
  out.steps = std::ssize(out.values) / channels();
  for (size_t i = 0; i < out.values.size(); ++i) out.values[i] = scaled(out.values[i], maps_[i % channels_.size()]);
  for (size_t s = 0; s < statics.size(); ++s) {
    const float value = scaled(statics[s], static_maps_[s]);
    out.statics.push_back(std::isnan(value) ? 0 : value);
  }
  return out;
}

Description RecordEncoder::describe() const {
  Description facts{{"channels", channels()}};
  if (!statics_.empty()) facts.push_back({"statics", statics()});
  facts.push_back({"step", grid_.step});
  return facts;
}

Assets RecordEncoder::assets() const {
  const Json json{{"channels", channels_},
                  {"scales", flat(maps_)},
                  {"static_scales", flat(static_maps_)},
                  {"statics", statics_},
                  {"usual_elapsed", usual_elapsed_}};
  return {{"columns", columns_.to_text()}, {"channels", json.dump()}};
}

RecordEncoder::RecordEncoder(const Assets& assets, const DiagnoseDataOptions& options) : RecordEncoder(options) {
  columns_ = read_asset(assets, "columns", &Columns::from_text);
  read_asset(assets, "channels", [this](const std::string& text) { read_channels(text); });
}

void RecordEncoder::read_channels(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json) fail("expected a JSON object");
  channels_ = json->at("channels").get<std::vector<std::string>>();
  statics_ = json->at("statics").get<std::vector<std::string>>();
  maps_ = maps_from(json->at("scales").get<std::vector<float>>());
  static_maps_ = maps_from(json->at("static_scales").get<std::vector<float>>());
  usual_elapsed_ = json->at("usual_elapsed").get<std::vector<float>>();
  const bool fit = !channels_.empty() && maps_.size() == channels_.size() && static_maps_.size() == statics_.size() &&
                   usual_elapsed_.size() == channels_.size();
  if (!fit) fail("expected one scale for each");
  if (!std::ranges::all_of(usual_elapsed_, [](float steps) { return steps > 0 && std::isfinite(steps); })) {
    fail("expected finite, positive measurement intervals");
  }
}

}  // namespace recur
