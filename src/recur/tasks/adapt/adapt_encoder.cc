#include "recur/tasks/adapt/adapt_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/data/scaler.h"
#include "recur/io/crc32c.h"
#include "recur/tasks/classify/augment.h"

namespace recur {
namespace {

constexpr int64_t kLargest = 1 << 24;

// T steps drawn to `length` by straight lines.
std::vector<float> stretched(const std::vector<float>& values, int64_t features, int64_t length) {
  const int64_t steps = std::ssize(values) / features;
  if (steps == length) return values;
  if (steps == 0) return std::vector<float>(static_cast<size_t>(length * features), 0.0f);
  std::vector<double> at;
  for (int64_t t = 0; t < length; ++t) {
    at.push_back(length == 1 ? 0 : static_cast<double>(t * (steps - 1)) / static_cast<double>(length - 1));
  }
  return resampled({.values = values, .steps = steps, .features = features}, at).values;
}

// Each channel of one series to mean 0 and deviation 1.
void standardise(std::vector<float>& values, int64_t features, int64_t channels) {
  const int64_t steps = std::ssize(values) / features;
  for (int64_t c = 0; c < channels && steps > 0; ++c) {
    double sum = 0, squares = 0;
    const auto at = [&](int64_t t) -> float& { return values[static_cast<size_t>(t * features + c)]; };
    for (int64_t t = 0; t < steps; ++t) sum += at(t);
    const double mean = sum / static_cast<double>(steps);
    for (int64_t t = 0; t < steps; ++t) squares += (at(t) - mean) * (at(t) - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(steps));
    for (int64_t t = 0; t < steps; ++t) {
      at(t) = static_cast<float>((at(t) - mean) / (deviation > 1e-8 ? deviation : 1));
    }
  }
}

// How much of each of n pixels is in each of `side`: the mean over what a pixel of the result covers.
std::vector<std::vector<std::pair<int64_t, double>>> shares_of(int64_t n, int64_t side) {
  std::vector<std::vector<std::pair<int64_t, double>>> out(static_cast<size_t>(side));
  const double width = static_cast<double>(n) / static_cast<double>(side);
  for (int64_t i = 0; i < side; ++i) {
    const double begin = static_cast<double>(i) * width, end = begin + width;
    for (auto k = static_cast<int64_t>(begin); k < n && static_cast<double>(k) < end; ++k) {
      const double share = std::min(end, static_cast<double>(k + 1)) - std::max(begin, static_cast<double>(k));
      if (share > 0) out[static_cast<size_t>(i)].emplace_back(k, share / width);
    }
  }
  return out;
}

Image scaled_to(const Image& image, int64_t side) {
  if (side == 0 || (image.height == side && image.width == side)) return image;
  const auto down = shares_of(image.height, side), across = shares_of(image.width, side);
  Image out = image;
  out.height = out.width = side;
  out.values.assign(static_cast<size_t>(side * side * image.channels), 0.0f);
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      for (int64_t c = 0; c < image.channels; ++c) {
        double sum = 0;
        for (const auto& [from_y, share_y] : down[static_cast<size_t>(y)]) {
          for (const auto& [from_x, share_x] : across[static_cast<size_t>(x)]) {
            sum += share_y * share_x *
                   image.values[static_cast<size_t>((from_y * image.width + from_x) * image.channels + c)];
          }
        }
        out.values[static_cast<size_t>((y * side + x) * image.channels + c)] = static_cast<float>(sum);
      }
    }
  }
  return out;
}

uint32_t mark_of(const AdaptExample& example) {
  const uint32_t crc = crc32c(std::as_bytes(std::span(example.symbols)));
  return crc32c(std::as_bytes(std::span(example.values)), crc);
}

}  // namespace

std::vector<float> turned(const std::vector<float>& values, int64_t channels, int quarters) {
  const int64_t pixels = std::ssize(values) / channels;
  const int64_t n = std::lround(std::sqrt(static_cast<double>(pixels)));
  std::vector<float> out(values.size());
  const int64_t row = channels * n;
  for (int64_t y = 0; y < n; ++y) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t x = 0; x < n; ++x) {
        int64_t to_y = y, to_x = x;
        for (int k = 0; k < quarters; ++k) to_y = std::exchange(to_x, n - 1 - to_y);
        out[static_cast<size_t>(to_y * row + c * n + to_x)] = values[static_cast<size_t>(y * row + c * n + x)];
      }
    }
  }
  return out;
}

std::string AdaptShape::to_text() const {
  return Json{{"target", target}, {"text", text},         {"picture", picture}, {"features", features},
              {"steps", steps},   {"channels", channels}, {"outputs", outputs}, {"scale", scale}}
      .dump();
}

AdaptShape AdaptShape::from_text(const std::string& text) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("expected a JSON object");
  AdaptShape shape;
  shape.target = json->at("target").get<std::string>();
  shape.text = json->at("text").get<bool>();
  shape.picture = json->at("picture").get<bool>();
  shape.features = json->at("features").get<int64_t>();
  shape.steps = json->at("steps").get<int64_t>();
  shape.channels = json->at("channels").get<int64_t>();
  shape.outputs = json->at("outputs").get<int64_t>();
  shape.scale = json->at("scale").get<float>();
  const auto fits = [](int64_t size, int64_t least) { return size >= least && size <= kLargest; };
  const bool sizes = fits(shape.features, 1) && fits(shape.steps, 0) && fits(shape.channels, 1) &&
                     fits(shape.outputs, 1) && shape.features % shape.channels == 0 &&
                     (!shape.picture || shape.steps > 0) && shape.scale > 0 && std::isfinite(shape.scale);
  const bool target = shape.is_class() || (!shape.text && (shape.target == "forecast" || shape.target == "value"));
  if (!sizes || !target) fail("such sizes cannot be");
  return shape;
}

DataChecksum AdaptData::checksum() const {
  DataChecksum checksum;
  for (const AdaptCategory& category : categories) {
    checksum.add(category.name);
    for (const int32_t i : category.examples) {
      const AdaptExample& example = examples[static_cast<size_t>(i)];
      checksum.add(example.symbols);
      checksum.add(example.values);
      checksum.add(example.target);
    }
  }
  return checksum;
}

AdaptClasses classes_of(const AdaptSource& source, const AdaptDataOptions& options) {
  AdaptClasses out;
  const bool by_file = options.within == "file";
  std::map<std::pair<int64_t, std::string>, int64_t> known;
  for (int64_t i = 0; i < source.size(); ++i) {
    const int64_t group = by_file ? source.file(i) : 0;
    std::string name = options.target == "class" ? source.label(i) : source.name(i);
    if (options.target == "class" && name.empty()) fail("{}: the label is missing", source.where_label(i));
    const std::string key = options.target == "class" ? name : fmt::format("{}", i);
    const auto [at, is_new] = known.emplace(std::pair(group, key), std::ssize(out.names));
    if (is_new) {
      if (by_file) name = fmt::format("{}/{}", source.file_name(group), name);
      out.names.push_back(std::move(name));
      out.groups.push_back(group);
    }
    out.of_record.push_back(at->second);
  }
  return out;
}

AdaptEncoder::AdaptEncoder(const AdaptSource& source, std::span<const int64_t> train, const AdaptOptions& options)
    : options_(options.data) {
  shape_.target = options.data.target;
  shape_.outputs = shape_.is_class() ? options.episodes.ways : 1;
  if (train.empty()) fail("the training data are empty");
  const bool one_size = options.model.network != "rnn";
  if (source.has_pictures()) {
    shape_.picture = true;
    for (const int64_t i : train) shape_.channels = std::max(shape_.channels, source.pictures().item(i).channels);
    const Image first = scaled_to(source.pictures().load(train[0]), options_.side);
    shape_.steps = first.height;
    shape_.features = shape_.channels * first.width;
  } else {
    sequences_ = SequenceEncoder::fit(source.sequences(), train, reading_options(options_));
    shape_.text = sequences_->is_text();
    shape_.features = sequences_->features();
    shape_.picture = options_.input == "pictures";
    read_scaler();
    if (shape_.target == "forecast") {
      shape_.outputs = options_.horizon * source.sequences().series().channels_of(ChannelRole::kValue);
      shape_.steps = options_.context;
    } else if (shape_.target == "value") {
      shape_.steps = 1;
      target_channel();
      const auto& gaps = sequences_->series().gaps();
      shape_.features -= 1 + std::ranges::count(gaps, target_channel());
    } else if (shape_.picture || (one_size && !shape_.text)) {
      int64_t longest = 1;
      for (const int64_t i : train) longest = std::max(longest, sequences_->encode(source.sequences(), i).steps);
      shape_.steps = options_.length > 0 && !shape_.picture ? options_.length : longest;
    } else if (!shape_.text) {
      shape_.steps = options_.length;
    }
  }
  if (shape_.text && one_size) {
    fail_usage("network: expected rnn, since the data are texts, got {}", options.model.network);
  }
  if (!shape_.picture) return;
  float most = 0;
  for (const int64_t i : train) {
    for (const float value : whole(source, i).values) most = std::max(most, std::abs(value));
  }
  if (most > 0) shape_.scale = most;
}

AdaptEncoder::AdaptEncoder(const Assets& assets, const AdaptOptions& options) : options_(options.data) {
  shape_ = read_asset(assets, "shape", &AdaptShape::from_text);
  if (options_.target != shape_.target)
    fail("target: expected that of the model, {}, got {}", shape_.target, options_.target);
  if (!assets.contains("columns") && !assets.contains("vocabulary")) {
    if (!shape_.picture) fail("the model lacks what it needs to read data");
    return;
  }
  sequences_ = SequenceEncoder(assets, reading_options(options_));
  if (sequences_->is_text() != shape_.text) fail("the model's asset shape does not fit what it reads");
  read_scaler();
  int64_t features = sequences_->features();
  if (shape_.target == "value") features -= 1 + std::ranges::count(sequences_->series().gaps(), target_channel());
  const int64_t outputs = shape_.target == "forecast" ? sequences_->channels() * options_.horizon : 1;
  const bool fits = features == shape_.features && (shape_.is_class() || shape_.outputs <= outputs) &&
                    (shape_.target != "forecast" || shape_.outputs % options_.horizon == 0);
  if (!fits) fail("the model's asset shape does not fit what it reads");
}

void AdaptEncoder::read_scaler() {
  if (sequences_->is_text()) return;
  const Scaler scaler = Scaler::from_text(sequences_->assets().at("scaler"), sequences_->channels());
  maps_ = scaler.maps({}, sequences_->channels());
}

int64_t AdaptEncoder::target_channel() const {
  const std::vector<std::string>& channels = sequences_->series().channels();
  if (channels.size() < 2) {
    fail_usage("target = value: expected a column to predict and at least one to predict it from, got {} alone",
               channels[0]);
  }
  if (options_.target_column.empty()) return std::ssize(channels) - 1;
  const auto at = std::ranges::find(channels, options_.target_column);
  if (at == channels.end()) {
    fail_usage("target_column: expected one of {}, got {}", fmt::join(channels, ", "), options_.target_column);
  }
  return at - channels.begin();
}

std::string AdaptEncoder::predicted_channel() const { return shape_.target == "value" ? target_name(0) : ""; }

Assets AdaptEncoder::assets() const {
  Assets assets = sequences_ ? sequences_->assets() : Assets{};
  assets["shape"] = shape_.to_text();
  return assets;
}

Description AdaptEncoder::describe() const {
  Description facts{{"target", shape_.target}};
  if (shape_.picture) {
    facts.push_back({"pictures", fmt::format("{} x {}", shape_.steps, shape_.features / shape_.channels)});
    facts.push_back({"channels", shape_.channels});
    return facts;
  }
  for (Fact& fact : sequences_->describe()) facts.push_back(std::move(fact));
  return facts;
}

AdaptExample AdaptEncoder::picture(const AdaptSource& source, int64_t record) const {
  const Image image = scaled_to(source.pictures().load(record), options_.side);
  const int64_t width = shape_.features / shape_.channels;
  if (image.height != shape_.steps || image.width != width) {
    fail("{}: the picture has {} x {} pixels, and others {} x {}; side = 28 scales all to that many",
         source.where(record), image.height, image.width, shape_.steps, width);
  }
  const Image own = image.channels == 3 && shape_.channels == 1 ? grey_of(image) : image;
  AdaptExample out{.steps = shape_.steps, .record = record};
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t c = 0; c < shape_.channels; ++c) {
      const int64_t from = own.channels == 1 ? 0 : c;
      for (int64_t x = 0; x < width; ++x) {
        out.values.push_back(own.values[static_cast<size_t>((y * width + x) * own.channels + from)]);
      }
    }
  }
  return out;
}

// What white is in the training data: 1 in files; integers of arrays have the largest of 8 or 16 bits.
float AdaptEncoder::white() const {
  if (!sequences_ || shape_.scale <= 1) return 1;
  return shape_.scale <= 255 ? 255.0f : 65535.0f;
}

AdaptExample AdaptEncoder::whole(const AdaptSource& source, int64_t record) const {
  if (source.has_pictures() ? !shape_.picture : !sequences_) {
    fail("{}: expected {}, like the training data of the model", source.where(record),
         sequences_ ? "texts or series" : "files of pictures");
  }
  AdaptExample out{.record = record};
  if (source.has_pictures()) {
    out = picture(source, record);
    for (float& value : out.values) value *= white();
  } else {
    EncodedSequence encoded = sequences_->encode(source.sequences(), record);
    out.symbols = std::move(encoded.symbols);
    out.values = std::move(encoded.values);
    out.steps = encoded.steps;
    if (!shape_.text && options_.scaler == "each") {
      standardise(out.values, sequences_->features(), sequences_->channels());
    }
  }
  if (shape_.picture && out.steps != shape_.steps) {
    fail("{}: the picture has {} rows, and others {}", source.where(record), out.steps, shape_.steps);
  }
  if (shape_.picture) {
    for (float& value : out.values) value /= shape_.scale;
  }
  if (!shape_.is_class() || shape_.picture || shape_.text || shape_.steps == 0) return out;
  out.values = stretched(out.values, shape_.features, shape_.steps);
  out.steps = shape_.steps;
  return out;
}

std::vector<AdaptExample> AdaptEncoder::examples(const AdaptSource& source, int64_t record, bool need_target) const {
  AdaptExample all = whole(source, record);
  if (shape_.is_class()) return {std::move(all)};
  const int64_t features = sequences_->features(), channels = sequences_->channels();
  const SequenceSet& set = source.sequences().series();
  const Loaded<Sequence> raw = set.load(record);
  const auto is_known = [&](int64_t t, int64_t c) {
    return !std::isnan(raw->values[static_cast<size_t>(t * channels + c)]);
  };
  const auto row = [&](int64_t t) { return all.values.begin() + t * features; };
  std::vector<AdaptExample> out;
  if (shape_.target == "value") {
    const int64_t target = target_channel();
    const auto& gaps = sequences_->series().gaps();
    const auto gap = std::ranges::find(gaps, target);
    const int64_t mark = gap == gaps.end() ? -1 : channels + (gap - gaps.begin());
    for (int64_t t = 0; t < all.steps; ++t) {
      if (need_target && !is_known(t, target)) continue;
      AdaptExample one{.steps = 1, .record = record, .first = t};
      for (int64_t f = 0; f < features; ++f) {
        if (f != target && f != mark) one.values.push_back(row(t)[f]);
      }
      if (is_known(t, target)) one.target = {row(t)[target]};
      out.push_back(std::move(one));
    }
    return out;
  }
  const int64_t each = shape_.outputs / options_.horizon;
  for (int64_t t = options_.context; t + options_.horizon <= all.steps; t += options_.horizon) {
    AdaptExample one{.steps = options_.context, .record = record, .first = t};
    one.values.assign(row(t - options_.context), row(t));
    bool known = true;
    for (int64_t h = t; h < t + options_.horizon; ++h) {
      for (int64_t c = 0; c < each; ++c) {
        known = known && is_known(h, c);
        one.target.push_back(row(h)[c]);
      }
    }
    if (known) out.push_back(std::move(one));
  }
  return out;
}

std::optional<AdaptExample> AdaptEncoder::last(const AdaptSource& source, int64_t record) const {
  const AdaptExample all = whole(source, record);
  if (all.steps < options_.context) return std::nullopt;
  AdaptExample one{.steps = options_.context, .record = record, .first = all.steps};
  one.values.assign(all.values.end() - options_.context * sequences_->features(), all.values.end());
  return one;
}

AdaptData AdaptEncoder::encode(const AdaptSource& source, const AdaptClasses& classes,
                               std::span<const int64_t> which) const {
  AdaptData data;
  std::map<int64_t, AdaptCategory> found;
  for (const int64_t i : which) {
    const int64_t c = classes.of_record[static_cast<size_t>(i)];
    AdaptCategory& category = found[c];
    category.name = classes.names[static_cast<size_t>(c)];
    category.group = classes.groups[static_cast<size_t>(c)];
    for (AdaptExample& example : examples(source, i)) {
      const uint32_t mark = mark_of(example);
      category.mark = category.examples.empty() ? mark : std::min(category.mark, mark);
      category.examples.push_back(static_cast<int32_t>(data.examples.size()));
      data.examples.push_back(std::move(example));
    }
  }
  for (auto& [c, category] : found) data.categories.push_back(std::move(category));
  return data;
}

std::string AdaptEncoder::target_name(int64_t o) const {
  const std::vector<std::string>& channels = sequences_->series().channels();
  const int64_t c = shape_.target == "value" ? target_channel() : o % (shape_.outputs / options_.horizon);
  return channels[static_cast<size_t>(c)];
}

double AdaptEncoder::target_value(int64_t o, double scaled) const {
  const int64_t c = shape_.target == "value" ? target_channel() : o % (shape_.outputs / options_.horizon);
  const Affine& map = maps_[static_cast<size_t>(c)];
  const double offset = sequences_->columns()->offset(sequences_->series().channels()[static_cast<size_t>(c)]);
  return scaled * map.scale + map.shift + offset;
}

}  // namespace recur
