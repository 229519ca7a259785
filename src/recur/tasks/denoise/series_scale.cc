#include "recur/tasks/denoise/series_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/value_parts.h"
#include "recur/tasks/denoise/noise.h"
#include "recur/tasks/denoise/series_sounds.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/series_columns.h"

namespace recur {

SequenceSet read_series(const DataFiles& files, const DenoiseOptions& options, const Columns* columns) {
  if (are_sounds(files)) {
    const bool names_columns = !options.series.values.empty() || !options.series.statics.empty();
    if (names_columns) {
      fail_usage("{}: expected a table, got sounds",
                 options.series.values.empty() ? "static_columns" : "value_columns");
    }
    return read_sound_series(files);
  }
  SequenceSet set = read_sequences(files, options.series.sequence_options(columns, /*need_labels=*/false));
  for (const std::string& note : set.notes) log_info("{}", note);
  for (const Sequence& sequence : set.sequences) {
    if (set.length(sequence) == 0) fail("{}: sequence {} has no steps", set.where(sequence), sequence.id);
  }
  return set;
}

SeriesScale SeriesScale::fit(const SequenceSet& set) {
  const std::vector<int64_t> all = all_of(set.size());
  check_has_values(set, all);
  SeriesScale out;
  out.columns_ = set.columns;
  out.names_ = channel_names(set);
  const PartSource parts = value_parts(set, all);
  out.scaler_ = Scaler::fit(ScalerKind::kStandard, set.width(), parts);
  out.maps_ = out.scaler_.maps({}, set.width());
  const auto width = static_cast<size_t>(set.width());
  out.least_.assign(width, std::numeric_limits<float>::infinity());
  out.greatest_.assign(width, -std::numeric_limits<float>::infinity());
  parts([&](std::span<const float> part) {
    for (size_t i = 0; i < part.size(); ++i) {
      if (std::isnan(part[i])) continue;
      const size_t c = i % width;
      const float value = out.maps_[c].apply(part[i]);
      out.least_[c] = std::min(out.least_[c], value);
      out.greatest_[c] = std::max(out.greatest_[c], value);
    }
  });
  for (size_t c = 0; c < width; ++c) {
    if (out.least_[c] > out.greatest_[c]) fail("{}: channel {} has no values", set.files[0], out.names_[c]);
  }
  return out;
}

Assets SeriesScale::assets() const {
  const Json channels{{"channels", names_}, {"least", least_}, {"greatest", greatest_}};
  return {{"columns", columns_.to_text()}, {"channels", channels.dump()}, {"scaler", scaler_.to_text()}};
}

void SeriesScale::read_channels(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json) fail("expected a JSON object");
  names_ = json->at("channels").get<std::vector<std::string>>();
  least_ = json->at("least").get<std::vector<float>>();
  greatest_ = json->at("greatest").get<std::vector<float>>();
  if (names_.empty() || least_.size() != names_.size() || greatest_.size() != names_.size()) {
    fail("expected channels, and the least and the greatest value of each");
  }
}

SeriesScale::SeriesScale(const Assets& assets) {
  columns_ = read_asset(assets, "columns", &Columns::from_text);
  read_asset(assets, "channels", [this](const std::string& text) {
    read_channels(text);
    return true;
  });
  scaler_ = read_asset(assets, "scaler", [&](const std::string& text) { return Scaler::from_text(text, channels()); });
  maps_ = scaler_.maps({}, channels());
}

void SeriesScale::check_channels(const SequenceSet& set) const { check_same_columns(set, names_, set.statics); }

Planes SeriesScale::planes_of(const SequenceSet& set, const Sequence& sequence, int64_t begin, int64_t end) const {
  const Sequence part = set.load(sequence, begin, end);
  const int64_t steps = end - begin, width = channels();
  Planes out{.shape = {.channels = width, .height = 1, .width = steps}, .values = {}};
  out.values.reserve(part.values.size());
  for (int64_t c = 0; c < width; ++c) {
    const Affine& map = maps_[static_cast<size_t>(c)];
    for (int64_t t = 0; t < steps; ++t)
      out.values.push_back(map.apply(part.values[static_cast<size_t>(t * width + c)]));
  }
  return out;
}

Planes SeriesScale::planes_of(const SequenceSet& set, const Sequence& sequence) const {
  return planes_of(set, sequence, 0, set.length(sequence));
}

PlaneSource SeriesScale::source_of(std::shared_ptr<const SequenceSet> set) const {
  const auto of = [set](int64_t i) -> const Sequence& { return set->sequences[static_cast<size_t>(i)]; };
  return {.size = set->size(),
          .load = [set, of, scale = *this](int64_t i) { return scale.planes_of(*set, of(i)); },
          .name = [of](int64_t i) { return of(i).id; }};
}

NoiseMaker SeriesScale::noise_of(const DenoiseNoiseOptions& options) const {
  return [options, least = least_, greatest = greatest_](Planes& planes, Random& random) {
    const auto size = static_cast<size_t>(planes.shape.height * planes.shape.width);
    for (size_t c = 0; c < least.size(); ++c) {
      add_noise(std::span(planes.values).subspan(c * size, size), options, random,
                {.unit = 0.01, .least = least[c], .greatest = greatest[c], .bounded = false});
    }
  };
}

}  // namespace recur
