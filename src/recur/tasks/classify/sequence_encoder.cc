#include "recur/tasks/classify/sequence_encoder.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/parse_json.h"
#include "recur/data/punctuation.h"

namespace recur {
namespace {

const std::string& need(const Assets& assets, std::string_view name) {
  const auto found = assets.find(name);
  if (found == assets.end()) fail("the model lacks its {}", name);
  return found->second;
}

std::vector<std::string> names_of(const std::vector<Channel>& channels) {
  std::vector<std::string> names;
  for (const Channel& channel : channels) names.push_back(channel.name);
  return names;
}

}  // namespace

SequenceEncoder::SequenceEncoder(const ClassifyDataOptions& options)
    : most_steps_(options.most_steps),
      split_punctuation_(options.split_punctuation && options.tokens.kind == "words") {}

SequenceEncoder SequenceEncoder::fit(const ClassifySource& source, std::span<const int64_t> train,
                                     const ClassifyDataOptions& options) {
  SequenceEncoder encoder(options);
  if (source.is_text()) {
    encoder.fit_text(source.texts(), train, options.tokens);
  } else {
    encoder.fit_series(source.series(), train, options.scaler);
  }
  return encoder;
}

// One line, so that a text without an end of its own can be put behind another.
std::string SequenceEncoder::text_of(const TextRow& row) const {
  std::string text = split_punctuation_ ? spaced_punctuation(row.text) : row.text;
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void SequenceEncoder::fit_text(const TextRows& texts, std::span<const int64_t> train, const TokenizerOptions& options) {
  std::string all;
  for (const int64_t i : train) all += text_of(texts.rows[i]) + "\n";
  const TextSource source = TextSource::from_text("training texts", std::move(all));
  tokenizer_ = fit_tokenizer(source, source.all(), options);
}

void SequenceEncoder::fit_series(const SequenceSet& set, std::span<const int64_t> train, const std::string& scaler) {
  columns_ = set.columns;
  channels_ = names_of(set.channels);
  statics_ = set.statics;
  const int64_t width = set.width();
  std::vector<bool> missing(static_cast<size_t>(width), false);
  std::vector<std::span<const float>> parts;
  std::vector<float> statics;
  for (const int64_t i : train) {
    const Sequence& sequence = set.sequences[i];
    parts.emplace_back(sequence.values);
    for (size_t at = 0; at < sequence.values.size(); ++at) {
      if (std::isnan(sequence.values[at])) missing[at % missing.size()] = true;
    }
    for (size_t s = 0; s < statics_.size(); ++s) statics.push_back(static_cast<float>(set.static_number(sequence, s)));
  }
  for (int64_t c = 0; c < width; ++c) {
    if (missing[c]) gaps_.push_back(c);
  }
  scaler_ = Scaler::fit(scaler_from_name(scaler), width, parts);
  const std::span<const float> all_statics(statics);
  if (!statics_.empty()) {
    static_scaler_ = Scaler::fit(ScalerKind::kStandard, std::ssize(statics_), std::span(&all_statics, 1));
  }
}

int64_t SequenceEncoder::features() const {
  if (is_text()) return tokenizer_->size();
  return std::ssize(channels_) + std::ssize(gaps_) + std::ssize(statics_);
}

EncodedSequence SequenceEncoder::encode(const ClassifySource& source, int64_t i) const {
  if (source.is_text() != is_text()) {
    fail("{}: expected {}, as the model was trained on", source.where(i), is_text() ? "texts" : "series of numbers");
  }
  if (is_text()) return encode_text(source.texts().rows[i]);
  return encode_series(source.series(), source.series().sequences[i]);
}

EncodedSequence SequenceEncoder::encode_text(const TextRow& row) const {
  EncodedSequence out{.symbols = tokenizer_->encode(text_of(row))};
  if (most_steps_ > 0 && std::ssize(out.symbols) > most_steps_) out.symbols.resize(static_cast<size_t>(most_steps_));
  out.steps = std::ssize(out.symbols);
  return out;
}

void SequenceEncoder::check_columns(const SequenceSet& set) const {
  if (names_of(set.channels) != channels_) {
    fail("{}: expected the channels {}, as the model was trained on, got {}", fmt::join(set.files, ", "),
         fmt::join(channels_, ", "), fmt::join(names_of(set.channels), ", "));
  }
  if (set.statics != statics_) {
    fail("{}: expected the static columns {}, got {}", fmt::join(set.files, ", "), fmt::join(statics_, ", "),
         fmt::join(set.statics, ", "));
  }
}

EncodedSequence SequenceEncoder::encode_series(const SequenceSet& set, const Sequence& sequence) const {
  check_columns(set);
  const int64_t width = set.width(), all = features();
  const int64_t steps = most_steps_ > 0 ? std::min(set.length(sequence), most_steps_) : set.length(sequence);
  EncodedSequence out{.values = std::vector<float>(static_cast<size_t>(steps * all), 0.0f), .steps = steps};
  const std::vector<Affine> maps = scaler_.maps(sequence.values, width);
  const std::vector<Affine> static_maps = static_scaler_.maps({}, std::ssize(statics_));
  for (int64_t t = 0; t < steps; ++t) {
    const std::span<const float> from = set.step(sequence, t);
    float* to = out.values.data() + t * all;
    for (int64_t c = 0; c < width; ++c) to[c] = std::isnan(from[c]) ? 0 : maps[c].apply(from[c]);
    to += width;
    for (const int64_t c : gaps_) *to++ = std::isnan(from[c]) ? 1.0f : 0.0f;
    for (size_t s = 0; s < statics_.size(); ++s) {
      const float value = static_maps[s].apply(static_cast<float>(set.static_number(sequence, s)));
      *to++ = std::isnan(value) ? 0 : value;
    }
  }
  return out;
}

Description SequenceEncoder::describe() const {
  if (is_text()) {
    return {{"input", std::string("text")},
            {"symbols", std::string(tokenizer_->kind())},
            {"vocabulary", int64_t{tokenizer_->size()}}};
  }
  Description facts{{"input", std::string("series")}, {"channels", std::ssize(channels_)}};
  if (!gaps_.empty()) facts.push_back({"channels_with_gaps", std::ssize(gaps_)});
  if (!statics_.empty()) facts.push_back({"statics", std::ssize(statics_)});
  facts.push_back({"scaler", std::string(scaler_name(scaler_.kind()))});
  return facts;
}

Assets SequenceEncoder::assets() const {
  if (is_text()) return {{"vocabulary", tokenizer_->serialize()}};
  const nlohmann::json channels{{"channels", channels_}, {"statics", statics_}, {"gaps", gaps_}};
  return {{"columns", columns_.to_text()},
          {"channels", channels.dump()},
          {"scaler", scaler_.to_text()},
          {"static_scaler", static_scaler_.to_text()}};
}

SequenceEncoder::SequenceEncoder(const Assets& assets, const ClassifyDataOptions& options) : SequenceEncoder(options) {
  if (const auto vocabulary = assets.find("vocabulary"); vocabulary != assets.end()) {
    tokenizer_ = Tokenizer::deserialize(vocabulary->second);
    return;
  }
  columns_ = Columns::from_text(need(assets, "columns"));
  const auto json = internal::parse_json<nlohmann::json>(need(assets, "channels"), 2);
  if (!json) fail("channels: expected a JSON object");
  try {
    channels_ = json->at("channels").get<std::vector<std::string>>();
    statics_ = json->at("statics").get<std::vector<std::string>>();
    gaps_ = json->at("gaps").get<std::vector<int64_t>>();
  } catch (const nlohmann::json::exception& error) {
    fail("channels: {}", error.what());
  }
  const auto is_channel = [&](int64_t c) { return c >= 0 && c < std::ssize(channels_); };
  if (channels_.empty() || !std::ranges::all_of(gaps_, is_channel)) fail("channels: a number is out of range");
  scaler_ = Scaler::from_text(need(assets, "scaler"), std::ssize(channels_));
  static_scaler_ = Scaler::from_text(need(assets, "static_scaler"), std::ssize(statics_));
}

}  // namespace recur
