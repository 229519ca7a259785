#include "recur/tasks/transcribe/sound_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/threads.h"
#include "recur/data/audio/finite_features.h"
#include "recur/data/audio/resample.h"
#include "recur/data/files/plain_text.h"

namespace recur {

struct SoundSet::Found {
  std::string fault;  // why it is left out
  int64_t rate = 0, channels = 1;
  int bits = 0;
  double seconds = 0;
  std::vector<int64_t> steps;           // by speed
  std::vector<FrameRows> rows;          // by speed, not normalised; none where they are not kept
  std::vector<FeatureMoments> moments;  // by speed
};

namespace {

constexpr size_t kNamedSounds = 5;

// "a.wav, b.wav and 3 more" of the names that `is` holds for, with their number.
template <class Is>
std::pair<int64_t, std::string> which_of(const std::vector<std::string>& names, Is&& is) {
  std::vector<std::string> first;
  int64_t count = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!is(i)) continue;
    if (++count <= static_cast<int64_t>(kNamedSounds)) first.push_back(names[i]);
  }
  std::string text = listed(first);
  if (count > std::ssize(first)) text += fmt::format(" and {} more", count - std::ssize(first));
  return {count, text};
}

std::vector<std::string> names_of(const Transcripts& list) {
  std::vector<std::string> names;
  for (const Transcript& item : list.items) names.push_back(item.name);
  return names;
}

}  // namespace

struct SoundSet::Content {
  std::vector<float> samples;  // of a sound, at the rate of the options
  GreyImage picture;
};

bool is_sound_or_picture(std::string_view name) { return is_sound_name(name) || is_image_name(name); }

namespace {

int64_t picture_height(const TranscribeFeatureOptions& options) {
  constexpr int64_t kUsual = 32;
  return options.bands > 0 ? options.bands : kUsual;
}

}  // namespace

MelBandOptions band_options(const TranscribeFeatureOptions& options, int64_t rate) {
  constexpr int64_t kNarrow = 12000;
  const int64_t usual = rate < kNarrow ? 40 : 80;
  return {
      .rate = rate, .bands = options.bands > 0 ? options.bands : usual, .low_hz = options.low, .high_hz = options.high};
}

SpectralFeatures spectral_features(const TranscribeFeatureOptions& o, int64_t rate) {
  const MelBandOptions bands = band_options(o, rate);
  return SpectralFeatures({.kind = o.kind,
                           .rate = rate,
                           .window_ms = o.window,
                           .hop_ms = o.hop,
                           .bands = bands.bands,
                           .coefficients = o.coefficients,
                           .low_hz = bands.low_hz,
                           .high_hz = bands.high_hz,
                           .pre_emphasis = o.pre_emphasis,
                           .window = o.window_shape,
                           .dither = o.dither});
}

int64_t feature_width(const TranscribeFeatureOptions& options, int64_t rate) {
  return reads_pictures(options) ? picture_height(options) : spectral_features(options, rate).width();
}

double hop_seconds(const TranscribeFeatureOptions& options, int64_t rate) {
  if (reads_pictures(options)) return options.hop / 1000;
  return static_cast<double>(spectral_features(options, rate).hop()) / static_cast<double>(rate);
}

int64_t common_rate(const Transcripts& list) {
  constexpr size_t kSounds = 50;
  std::map<int64_t, int64_t> counts;
  std::string fault;
  for (size_t i = 0; i < std::min(list.items.size(), kSounds); ++i) {
    try {
      ++counts[read_sound(list.items[i].file).sound.rate];
    } catch (const Error& error) {
      fault = error.what();
    }
  }
  if (counts.empty()) fail("{}", fault);
  return std::ranges::max_element(counts, {}, [](const auto& each) { return each.second; })->first;
}

SoundSet::SoundSet(Transcripts list, SoundSetOptions options) : list_(std::move(list)), options_(std::move(options)) {
  if (!reads_pictures(options_.features)) features_ = spectral_features(options_.features, options_.rate);
  std::vector<Found> found = read_all();
  note(found);
  keep_what_is_sound(found);
  gather_moments(found);
  for (size_t i = 0; i < found.size(); ++i) {
    seconds_.push_back(found[i].seconds);
    const std::vector<double>& sums = found[i].moments.front().sums;
    fingerprints_.push_back(std::accumulate(sums.begin(), sums.end(), 0.0));
    steps_.push_back(std::move(found[i].steps));
    if (!in_memory_) continue;
    for (size_t k = 0; k < found[i].rows.size(); ++k) {
      if (const FeatureMoments* own = moments(static_cast<int64_t>(i), k)) {
        normalise(found[i].rows[k], *own);
      } else if (options_.features.normalise == "utterance") {
        normalise(found[i].rows[k], found[i].moments[k]);
      }
    }
    rows_.push_back(std::move(found[i].rows));
  }
}

SoundSet::Content SoundSet::read(const Transcript& item, Found* found) const {
  if (reads_pictures(options_.features)) {
    Content content{.samples = {}, .picture = read_grey(item.file)};
    if (found != nullptr) {
      const auto height = static_cast<double>(content.picture.height);
      const double columns = static_cast<double>(content.picture.width * picture_height(options_.features)) / height;
      found->rate = options_.rate;
      found->seconds = columns * hop_seconds(options_.features, options_.rate);
    }
    return content;
  }
  SoundFile file = read_sound(item.file);
  if (found != nullptr) {
    found->rate = file.sound.rate;
    found->channels = file.channels;
    found->bits = file.bits;
    found->seconds = static_cast<double>(file.sound.samples.size()) / static_cast<double>(file.sound.rate);
  }
  if (file.sound.rate == options_.rate) return {.samples = std::move(file.sound.samples), .picture = {}};
  return {.samples = Resampler(file.sound.rate, options_.rate)(file.sound.samples), .picture = {}};
}

FrameRows SoundSet::rows_of(const Content& content, size_t speed) const {
  const double factor = static_cast<double>(options_.speeds[speed]) / 100;
  if (!features_) return line_rows(content.picture, picture_height(options_.features), 1 / factor);
  return factor == 1 ? (*features_)(content.samples) : (*features_)(at_speed(content.samples, factor));
}

std::vector<SoundSet::Found> SoundSet::read_all() {
  std::vector<Found> found(list_.items.size());
  std::atomic<int64_t> bytes = 0;
  parallel_for(std::ssize(found), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Found& own = found[static_cast<size_t>(i)];
      try {
        const Content content = read(item(i), &own);
        for (size_t k = 0; k < options_.speeds.size(); ++k) {
          FrameRows rows = rows_of(content, k);
          if (rows.steps() == 0) fail("{}: {:.3f} s are shorter than a window", item(i).name, own.seconds);
          check_finite_features(rows, item(i).name);
          own.steps.push_back(rows.steps());
          own.moments.push_back(moments_of(rows));
          bytes += static_cast<int64_t>(rows.values.size() * sizeof(float));
          if (bytes <= options_.memory_bytes) own.rows.push_back(std::move(rows));
        }
      } catch (const Error& error) {
        own.fault = error.what();
      }
    }
  });
  // Which sounds came before the memory was full depends on the threads: none are kept then.
  in_memory_ = bytes <= options_.memory_bytes;
  if (!in_memory_) {
    for (Found& own : found) own.rows.clear();
  }
  return found;
}

void SoundSet::note(const std::vector<Found>& found) {
  const std::vector<std::string> names = names_of(list_);
  const auto say = [&](auto&& is, std::string_view what) {
    const auto [count, which] = which_of(names, is);
    if (count > 0) notes_.push_back(fmt::format("{} {}: {}", counted(count, "sound has", "sounds have"), what, which));
  };
  say([&](size_t i) { return found[i].fault.empty() && found[i].channels > 1; },
      "several channels, which are averaged");
  say([&](size_t i) { return found[i].fault.empty() && found[i].bits == 8; },
      "8 bits per sample, which is coarse for quiet speech");
  std::map<int64_t, int64_t> others;
  for (const Found& own : found) {
    if (own.fault.empty() && own.rate != options_.rate) ++others[own.rate];
  }
  for (const auto& [rate, count] : others) {
    notes_.push_back(fmt::format("{} with {} samples per second {} resampled to {}", counted(count, "sound", "sounds"),
                                 rate, count == 1 ? "is" : "are", options_.rate));
  }
  for (const std::string& warning : list_.warnings) warnings_.push_back(warning);
  std::vector<std::string> faults;
  int64_t bad = 0;
  for (const Found& own : found) {
    if (!own.fault.empty() && ++bad <= static_cast<int64_t>(kNamedSounds)) faults.push_back(own.fault);
  }
  if (bad == std::ssize(found)) fail("none of {} sounds can be used: {}", found.size(), faults.front());
  if (bad > 0) {
    warnings_.push_back(
        fmt::format("{} of {} sounds cannot be used and are left out: {}{}", bad, found.size(), fmt::join(faults, "; "),
                    bad > std::ssize(faults) ? fmt::format(" and {} more", bad - std::ssize(faults)) : ""));
  }
}

void SoundSet::keep_what_is_sound(std::vector<Found>& found) {
  std::vector<Transcript> items;
  std::vector<Found> kept;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].fault.empty()) continue;
    items.push_back(std::move(list_.items[i]));
    kept.push_back(std::move(found[i]));
  }
  list_.items = std::move(items);
  found = std::move(kept);
}

// Of all sounds, or of speakers: added up in their order.
void SoundSet::gather_moments(std::vector<Found>& found) {
  if (options_.features.normalise != "global") options_.global.reset();
  if (options_.features.normalise == "global" && !options_.global) {
    options_.global.emplace();
    for (const Found& own : found) {
      for (const FeatureMoments& moments : own.moments) options_.global->add(moments);
    }
  }
  if (options_.features.normalise != "speaker") return;
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < found.size(); ++i) {
    const std::string& speaker = list_.items[i].speaker;
    // Where it is not known who speaks, a sound is a speaker by itself; a list has no tabs in its names.
    const auto [at, is_new] = index.emplace(speaker.empty() ? fmt::format("\t{}", i) : speaker, index.size());
    if (is_new) moments_.emplace_back(options_.speeds.size());
    group_.push_back(at->second);
    for (size_t k = 0; k < options_.speeds.size(); ++k) moments_[at->second][k].add(found[i].moments[k]);
  }
}

const FeatureMoments* SoundSet::moments(int64_t i, size_t speed) const {
  if (options_.global) return &*options_.global;
  return group_.empty() ? nullptr : &moments_[group_[static_cast<size_t>(i)]][speed];
}

Loaded<FrameRows> SoundSet::frames(int64_t i, size_t speed) const {
  if (in_memory_) return Loaded<FrameRows>::refer(rows_[static_cast<size_t>(i)][speed]);
  FrameRows rows = rows_of(read(item(i), nullptr), speed);
  if (rows.steps() != steps(i, speed)) fail("{}: has changed since it was first read", item(i).file.name());
  if (const FeatureMoments* own = moments(i, speed)) {
    normalise(rows, *own);
  } else if (options_.features.normalise == "utterance") {
    normalise(rows, moments_of(rows));
  }
  return Loaded<FrameRows>(std::move(rows));
}

void SoundSet::log_all() const {
  for (const std::string& note : list_.notes) log_info("{}", note);
  for (const std::string& note : notes_) log_info("{}", note);
  for (const std::string& warning : warnings_) log_warning("{}", warning);
}

}  // namespace recur
