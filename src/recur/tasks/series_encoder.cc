#include "recur/tasks/series_encoder.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/data/value_parts.h"
#include "recur/tasks/series_columns.h"

namespace recur {
SeriesEncoder SeriesEncoder::fit(const SequenceSet& set, std::span<const int64_t> train, ScalerKind scaler) {
  check_has_values(set, train);
  SeriesEncoder encoder;
  encoder.columns_ = set.columns;
  encoder.channels_ = channel_names(set);
  encoder.statics_ = set.statics;
  const int64_t width = set.width();
  const PartSource values = value_parts(set, train);
  std::vector<bool> missing(static_cast<size_t>(width), false);
  values([&](std::span<const float> part) {
    for (size_t at = 0; at < part.size(); ++at) {
      if (std::isnan(part[at])) missing[at % missing.size()] = true;
    }
  });
  std::vector<float> statics;
  for (const int64_t i : train) {
    for (size_t s = 0; s < set.statics.size(); ++s) {
      statics.push_back(static_cast<float>(set.static_number(set.sequences[i], s)));
    }
  }
  for (int64_t c = 0; c < width; ++c) {
    if (missing[c]) encoder.gaps_.push_back(c);
  }
  encoder.scaler_ = Scaler::fit(scaler, width, values);
  const std::span<const float> all_statics(statics);
  if (!set.statics.empty()) {
    encoder.static_scaler_ = Scaler::fit(ScalerKind::kStandard, std::ssize(set.statics), std::span(&all_statics, 1));
  }
  return encoder;
}

int64_t SeriesEncoder::features() const { return std::ssize(channels_) + std::ssize(gaps_) + std::ssize(statics_); }

void SeriesEncoder::check_columns(const SequenceSet& set) const { check_same_columns(set, channels_, statics_); }

// Returns where the statics belong.
float* SeriesEncoder::put_step(std::span<const float> values, std::span<const Affine> maps, float* to) const {
  for (size_t c = 0; c < values.size(); ++c) *to++ = std::isnan(values[c]) ? 0 : maps[c].apply(values[c]);
  for (const int64_t c : gaps_) *to++ = std::isnan(values[c]) ? 1.0f : 0.0f;
  return to;
}

std::vector<float> SeriesEncoder::encode(const SequenceSet& set, const Sequence& which, int64_t most_steps) const {
  check_columns(set);
  const Loaded<Sequence> loaded = set.load(which);
  return encode_steps(set, *loaded, most_steps > 0 ? std::min(set.length(*loaded), most_steps) : set.length(*loaded));
}

std::vector<float> SeriesEncoder::encode_part(const SequenceSet& set, const Sequence& part) const {
  return encode_steps(set, part, set.length(part));
}

std::vector<float> SeriesEncoder::encode_steps(const SequenceSet& set, const Sequence& sequence, int64_t steps) const {
  const int64_t all = features();
  std::vector<float> out(static_cast<size_t>(steps * all), 0.0f);
  const std::vector<Affine> maps = scaler_.maps(sequence.values, set.width());
  const std::vector<Affine> static_maps = static_scaler_.maps({}, std::ssize(statics_));
  std::vector<float> statics;
  for (size_t s = 0; s < statics_.size() && steps > 0; ++s) {
    const float value = static_maps[s].apply(static_cast<float>(set.static_number(sequence, s)));
    statics.push_back(std::isnan(value) ? 0 : value);
  }
  for (int64_t t = 0; t < steps; ++t) {
    float* const to = put_step(set.step(sequence, t), maps, out.data() + t * all);
    std::ranges::copy(statics, to);
  }
  return out;
}

void SeriesEncoder::encode_step(std::span<const float> values, std::span<float> out) const {
  put_step(values, scaler_.maps({}, std::ssize(channels_)), out.data());
}

Description SeriesEncoder::describe() const {
  Description facts{{"channels", std::ssize(channels_)}};
  if (!gaps_.empty()) facts.push_back({"channels_with_gaps", std::ssize(gaps_)});
  if (!statics_.empty()) facts.push_back({"statics", std::ssize(statics_)});
  facts.push_back({"scaler", std::string(scaler_name(scaler_.kind()))});
  return facts;
}

Assets SeriesEncoder::assets() const {
  const Json channels{{"channels", channels_}, {"gaps", gaps_}, {"statics", statics_}};
  return {{"columns", columns_.to_text()},
          {"channels", channels.dump()},
          {"scaler", scaler_.to_text()},
          {"static_scaler", static_scaler_.to_text()}};
}

void SeriesEncoder::read_channels(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json) fail("expected a JSON object");
  channels_ = json->at("channels").get<std::vector<std::string>>();
  statics_ = json->at("statics").get<std::vector<std::string>>();
  gaps_ = json->at("gaps").get<std::vector<int64_t>>();
  const auto is_channel = [&](int64_t c) { return c >= 0 && c < std::ssize(channels_); };
  if (channels_.empty() || !std::ranges::all_of(gaps_, is_channel)) fail("expected channels and indices of them");
}

SeriesEncoder::SeriesEncoder(const Assets& assets) {
  columns_ = read_asset(assets, "columns", &Columns::from_text);
  read_asset(assets, "channels", [this](const std::string& text) { read_channels(text); });
  const auto scaler = [&](const char* name, int64_t columns) {
    return read_asset(assets, name, [&](const std::string& text) { return Scaler::from_text(text, columns); });
  };
  scaler_ = scaler("scaler", std::ssize(channels_));
  static_scaler_ = scaler("static_scaler", std::ssize(statics_));
}

}  // namespace recur
