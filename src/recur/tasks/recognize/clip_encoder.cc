#include "recur/tasks/recognize/clip_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

constexpr int64_t kRegions = 8;  // along each side of a picture, for explanations

// Which eighth of a side a pixel is in, and where such a part begins.
int64_t region_of(int64_t pixel, int64_t side) { return pixel * std::min(side, kRegions) / side; }
int64_t region_begin(int64_t region, int64_t side) {
  const int64_t regions = std::min(side, kRegions);
  return (region * side + regions - 1) / regions;
}

}  // namespace

int64_t ClipEncoder::frame_channels() const { return shape_.channels * (options_.motion ? 2 : 1); }

int64_t ClipEncoder::features() const {
  if (series_) return series_->features();
  if (shape_.kind == ClipKind::kSkeleton) return skeleton_features(shape_, options_);
  return shape_.height * shape_.width * frame_channels();
}

ClipEncoder ClipEncoder::fit(const ClipSet& clips, std::span<const int64_t> train,
                             const RecognizeDataOptions& options) {
  ClipEncoder encoder(options);
  encoder.shape_ = clips.shape;
  if (clips.shape.kind == ClipKind::kSensors) {
    encoder.series_ = SeriesEncoder::fit(clips.set, train, scaler_from_name(options.scaler));
    return encoder;
  }
  if (clips.shape.kind == ClipKind::kSkeleton) {
    if (options.root > clips.shape.joints) {
      fail_usage("root: expected a joint from 1 to {}, got {}", clips.shape.joints, options.root);
    }
    encoder.columns_ = clips.set.columns;
    encoder.channels_ = channel_names(clips.set);
    if (skeleton_features(clips.shape, options) == 0) fail_usage("features: expected positions, velocity or distances");
  }
  encoder.fit_scale(clips, train);
  return encoder;
}

// Each feature has a mean of its own; the scale is shared by all positions, all velocities and all distances, so that
// joints that hardly move stay so, and of pictures by all places of a channel.
void ClipEncoder::fit_scale(const ClipSet& clips, std::span<const int64_t> train) {
  const bool skeleton = shape_.kind == ClipKind::kSkeleton;
  const auto period = static_cast<size_t>(skeleton ? features() : frame_channels());
  std::vector<double> sum(period, 0), squares(period, 0);
  double count = 0;
  int64_t filled = 0, joints = 0;
  for (const int64_t i : train) {
    const Sequence& s = clips.set.sequences[static_cast<size_t>(i)];
    const Loaded<Sequence> loaded = clips.set.load(s);
    RawClip clip{.values = loaded->values, .labels = {}, .steps = clips.set.length(s)};
    if (skeleton) {
      filled += fill_joints(clip.values, shape_, options_.zero_is_missing);
      joints += clip.steps * shape_.joints;
    }
    const std::vector<float> values = unscaled(clip);
    for (size_t at = 0; at < values.size(); ++at) {
      const double value = values[at];
      sum[at % period] += value;
      squares[at % period] += value * value;
    }
    const size_t periods = values.size() / period;
    count += static_cast<double>(periods);
  }
  if (count == 0) fail("{}: expected frames to train on, but the clips have none", listed_files(clips.set.files));
  if (filled > 0) {
    log_info("{:.2g} % of the joints were not seen and are taken from the frame before (zero_is_missing)",
             100.0 * static_cast<double>(filled) / static_cast<double>(joints));
  }
  std::array<double, 3> spread{}, members{};
  mean_.assign(period, 0);
  scale_.assign(period, 1);
  const auto group = [&](size_t f) {
    return static_cast<size_t>(skeleton ? feature_group(static_cast<int64_t>(f), shape_, options_)
                                        : (static_cast<int64_t>(f) < shape_.channels ? 0 : 1));
  };
  for (size_t f = 0; f < period; ++f) {
    const double mean = sum[f] / count;
    if (!std::isfinite(mean) || !std::isfinite(squares[f])) {
      fail("{}: a value is too large: feature {} is not finite", listed_files(clips.set.files), f + 1);
    }
    mean_[f] = static_cast<float>(mean);
    spread[group(f)] += std::max(squares[f] / count - mean * mean, 0.0);
    members[group(f)] += 1;
  }
  for (size_t f = 0; f < period; ++f) {
    const double deviation = std::sqrt(spread[group(f)] / members[group(f)]);
    scale_[f] = deviation > 1e-12 ? static_cast<float>(deviation) : 1.0f;
  }
}

void ClipEncoder::add_motion(std::span<const float> frame, std::span<const float> before, std::span<float> out) const {
  const auto C = static_cast<size_t>(shape_.channels);
  float* to = out.data();
  for (size_t pixel = 0; pixel < frame.size(); pixel += C) {
    for (size_t c = 0; c < C; ++c) *to++ = frame[pixel + c];
    for (size_t c = 0; c < C; ++c) *to++ = frame[pixel + c] - before[pixel + c];
  }
}

// [T, F] of a skeleton or of pictures.
std::vector<float> ClipEncoder::unscaled(const RawClip& raw) const {
  if (shape_.kind == ClipKind::kFrames && !options_.motion) return raw.values;
  const auto F = static_cast<size_t>(features()), numbers = static_cast<size_t>(shape_.numbers());
  std::vector<float> out(static_cast<size_t>(raw.steps) * F);
  const std::span<const float> values(raw.values);
  if (shape_.kind == ClipKind::kFrames) {
    for (size_t t = 0; t < static_cast<size_t>(raw.steps); ++t) {
      add_motion(values.subspan(t * numbers, numbers), values.subspan((t > 0 ? t - 1 : 0) * numbers, numbers),
                 std::span(out).subspan(t * F, F));
    }
    return out;
  }
  const float size = options_.scale == "clip" ? body_size(values, shape_, options_.root) : 1.0f;
  SkeletonReader reader(shape_, options_, size);
  for (size_t t = 0; t < static_cast<size_t>(raw.steps); ++t) {
    reader.next(values.subspan(t * numbers, numbers), std::span(out).subspan(t * F, F));
  }
  return out;
}

void ClipEncoder::apply_scale(std::span<float> values) const {
  const size_t period = mean_.size();
  for (size_t at = 0; at < values.size(); ++at) values[at] = (values[at] - mean_[at % period]) / scale_[at % period];
}

void ClipEncoder::check(const ClipSet& clips) const {
  if (clips.shape != shape_) {
    fail("{}: expected {}, as the model, got {}", listed_files(clips.set.files), shape_.text(), clips.shape.text());
  }
  if (series_) series_->check_columns(clips.set);
}

RawClip ClipEncoder::raw(const ClipSet& clips, const Sequence& clip) const {
  const Loaded<Sequence> loaded = clips.set.load(clip);
  RawClip out{.values = loaded->values, .labels = loaded->step_labels, .steps = clips.set.length(*loaded)};
  if (shape_.kind == ClipKind::kSkeleton) fill_joints(out.values, shape_, options_.zero_is_missing);
  return out;
}

std::vector<float> ClipEncoder::encode(const ClipSet& clips, const Sequence& clip, const RawClip& raw,
                                       const ClipAugmentOptions* augment, Random* random) const {
  if (!series_) {
    std::vector<float> out = unscaled(raw);
    apply_scale(out);
    return out;
  }
  Sequence part;
  part.id = clip.id;
  part.statics = clip.statics;
  part.place = clip.place;
  part.values = raw.values;
  std::vector<float> out = series_->encode_part(clips.set, part);
  if (augment != nullptr && random != nullptr) {
    change_scaled(out, features(), std::ssize(series_->channels()), *augment, *random);
  }
  return out;
}

std::vector<std::string> ClipEncoder::no_stream() const {
  std::vector<std::string> why;
  if (series_ && !series_->statics().empty()) why.emplace_back("it has static columns");
  if (shape_.kind == ClipKind::kSkeleton && options_.scale == "clip") {
    why.emplace_back("scale=clip needs all frames of a clip (scale=none)");
  }
  return why;
}

void ClipEncoder::Stream::next(std::span<const float> frame, std::span<float> out) {
  if (encoder_.series_) return encoder_.series_->encode_step(frame, out);
  if (encoder_.shape_.kind == ClipKind::kFrames) {
    if (before_.empty()) before_.assign(frame.begin(), frame.end());
    if (encoder_.options_.motion) {
      encoder_.add_motion(frame, before_, out);
    } else {
      std::ranges::copy(frame, out.begin());
    }
    before_.assign(frame.begin(), frame.end());
    return encoder_.apply_scale(out);
  }
  // Behind the frame before, so that a joint that is not seen stays where it was.
  std::vector<float> both(before_);
  both.insert(both.end(), frame.begin(), frame.end());
  fill_joints(both, encoder_.shape_, encoder_.options_.zero_is_missing);
  before_.assign(both.end() - std::ssize(frame), both.end());
  skeleton_.next(before_, out);
  encoder_.apply_scale(out);
}

std::vector<std::string> ClipEncoder::names() const {
  std::vector<std::string> names;
  if (series_) {
    names = series_->channels();
    names.insert(names.end(), series_->statics().begin(), series_->statics().end());
  } else if (shape_.kind == ClipKind::kSkeleton) {
    for (int64_t j = 1; j <= shape_.joints; ++j) names.push_back(fmt::format("joint {}", j));
    if (options_.has("distances")) names.emplace_back("distances");
  } else {
    for (int64_t r = 0; r < std::min(shape_.height, kRegions); ++r) {
      for (int64_t c = 0; c < std::min(shape_.width, kRegions); ++c) {
        names.push_back(fmt::format("rows {}-{}, columns {}-{}", region_begin(r, shape_.height) + 1,
                                    region_begin(r + 1, shape_.height), region_begin(c, shape_.width) + 1,
                                    region_begin(c + 1, shape_.width)));
      }
    }
  }
  return names;
}

std::vector<int64_t> ClipEncoder::name_of_feature() const {
  std::vector<int64_t> of;
  if (series_) {
    const int64_t channels = std::ssize(series_->channels());
    for (int64_t c = 0; c < channels; ++c) of.push_back(c);
    for (const int64_t gap : series_->gaps()) of.push_back(gap);
    for (int64_t s = 0; s < std::ssize(series_->statics()); ++s) of.push_back(channels + s);
  } else if (shape_.kind == ClipKind::kSkeleton) {
    const int64_t of_joint = joint_features(shape_, options_);
    for (int64_t f = 0; f < features(); ++f) {
      of.push_back(f < shape_.joints * of_joint ? f / of_joint : shape_.joints);
    }
  } else {
    for (int64_t f = 0; f < features(); ++f) {
      const int64_t pixel = f / frame_channels(), row = pixel / shape_.width, column = pixel % shape_.width;
      of.push_back(region_of(row, shape_.height) * std::min(shape_.width, kRegions) + region_of(column, shape_.width));
    }
  }
  return of;
}

Description ClipEncoder::describe() const {
  Description facts{{"input", std::string(clip_kind_name(shape_.kind))}, {"frame", shape_.text()}};
  if (series_) {
    for (Fact& fact : series_->describe()) facts.push_back(std::move(fact));
  }
  facts.push_back({"features", features()});
  return facts;
}

Assets ClipEncoder::assets() const {
  Assets assets;
  if (series_) assets = series_->assets();
  assets["clip_shape"] = shape_.to_text();
  if (!series_) assets["clip_scale"] = Json{{"mean", mean_}, {"scale", scale_}}.dump();
  if (shape_.kind == ClipKind::kSkeleton) {
    assets["columns"] = columns_.to_text();
    assets["channels"] = Json{{"channels", channels_}}.dump();
  }
  return assets;
}

ClipEncoder::ClipEncoder(const Assets& assets, const RecognizeDataOptions& options) : options_(options) {
  shape_ = read_asset(assets, "clip_shape", &ClipShape::from_text);
  if (shape_.kind == ClipKind::kSensors) {
    series_ = SeriesEncoder(assets);
    if (std::ssize(series_->channels()) != shape_.channels) fail_asset("clip_shape", "other channels than the model");
    return;
  }
  if (shape_.kind == ClipKind::kSkeleton && (options.root > shape_.joints || skeleton_features(shape_, options) == 0)) {
    fail_asset("clip_shape", "other joints than the options");
  }
  if (shape_.kind == ClipKind::kSkeleton) {
    columns_ = read_asset(assets, "columns", &Columns::from_text);
    read_asset(assets, "channels", [this](const std::string& text) {
      const auto json = parse_json(text, 2);
      if (!json || !json->is_object()) fail("expected a JSON object");
      try {
        channels_ = json->at("channels").get<std::vector<std::string>>();
      } catch (const JsonError& error) {
        fail("{}", error.what());
      }
      if (std::ssize(channels_) != shape_.numbers()) fail("expected {} channels", shape_.numbers());
    });
  }
  read_asset(assets, "clip_scale", [this](const std::string& text) {
    const auto json = parse_json(text, 2);
    if (!json || !json->is_object()) fail("expected a JSON object");
    try {
      mean_ = json->at("mean").get<std::vector<float>>();
      scale_ = json->at("scale").get<std::vector<float>>();
    } catch (const JsonError& error) {
      fail("{}", error.what());
    }
    const int64_t period = shape_.kind == ClipKind::kSkeleton ? features() : frame_channels();
    const bool sound = std::ssize(mean_) == period && std::ssize(scale_) == period &&
                       std::ranges::all_of(mean_, [](float value) { return std::isfinite(value); }) &&
                       std::ranges::all_of(scale_, [](float value) { return std::isfinite(value) && value > 0; });
    if (!sound) fail("expected a mean and a scale of {} features", period);
  });
}

}  // namespace recur
