#include "recur/tasks/synthesize/speech_set.h"

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
#include "recur/data/audio/sound_file.h"
#include "recur/data/files/plain_text.h"

namespace recur {

struct SpeechSet::Found {
  std::string fault;  // why it is left out
  int64_t rate = 0, channels = 1;
  SpokenSound sound;  // empty where it is not kept
  FeatureMoments moments;
  int64_t steps = 0;
};

namespace {

constexpr size_t kShown = 5;

// Parts of a hop each; what is quieter than the loudest one by more than `db` is cut off at both ends, but for two
// hops.
std::vector<float> trimmed_sound(std::vector<float> samples, int64_t hop, double db) {
  if (db <= 0) return samples;
  std::vector<double> loudness;
  for (size_t at = 0; at < samples.size(); at += static_cast<size_t>(hop)) {
    double sum = 0;
    const size_t end = std::min(samples.size(), at + static_cast<size_t>(hop));
    for (size_t i = at; i < end; ++i) sum += double{samples[i]} * double{samples[i]};
    loudness.push_back(sum / static_cast<double>(end - at));
  }
  const double least = *std::ranges::max_element(loudness) * std::pow(10, -db / 10);
  const auto loud = [&](double x) { return x >= least; };
  const auto first = std::ranges::find_if(loudness, loud) - loudness.begin();
  const auto last = std::find_if(loudness.rbegin(), loudness.rend(), loud).base() - loudness.begin();
  const int64_t begin = std::max<int64_t>(0, first - 2) * hop;
  const int64_t end = std::min<int64_t>(std::ssize(samples), (last + 2) * hop);
  return {samples.begin() + begin, samples.begin() + end};
}

}  // namespace

int64_t band_count(const SynthesizeFrameOptions& options, int64_t rate) {
  constexpr int64_t kNarrow = 12000;
  if (options.bands > 0) return options.bands;
  return rate < kNarrow ? 40 : 80;
}

MelSpectrum mel_spectrum(const SynthesizeFrameOptions& options, int64_t rate) {
  return MelSpectrum({.rate = rate,
                      .window_ms = options.window,
                      .hop_ms = options.hop,
                      .bands = band_count(options, rate),
                      .low_hz = options.low,
                      .high_hz = options.high});
}

SpeechSet::SpeechSet(Transcripts list, const SynthesizeFrameOptions& frames, const SpeechSetOptions& options)
    : list_(std::move(list)), options_(options), spectrum_(mel_spectrum(frames, options.rate)) {
  std::vector<Found> found = read_all();
  say(found);
  std::vector<Transcript> kept;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].fault.empty()) continue;
    kept.push_back(std::move(list_.items[i]));
    steps_.push_back(found[i].steps);
    fingerprints_.push_back(std::accumulate(found[i].moments.sums.begin(), found[i].moments.sums.end(), 0.0));
    moments_.add(found[i].moments);
    if (in_memory_) sounds_.push_back(std::move(found[i].sound));
  }
  list_.items = std::move(kept);
}

SpokenSound SpeechSet::read(const Transcript& item, Found* found) const {
  SoundFile file = read_sound(item.file);
  if (found != nullptr) {
    found->rate = file.sound.rate;
    found->channels = file.channels;
  }
  std::vector<float> samples = std::move(file.sound.samples);
  if (file.sound.rate != options_.rate) samples = Resampler(file.sound.rate, options_.rate)(samples);
  SpokenSound out{.frames = {}, .samples = trimmed_sound(std::move(samples), spectrum_.hop(), options_.trim_db)};
  out.frames = spectrum_(out.samples);
  return out;
}

std::vector<SpeechSet::Found> SpeechSet::read_all() {
  std::vector<Found> found(list_.items.size());
  std::atomic<int64_t> bytes = 0;
  parallel_for(std::ssize(found), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Found& own = found[static_cast<size_t>(i)];
      try {
        SpokenSound sound = read(item(i), &own);
        own.steps = sound.frames.steps();
        constexpr int64_t kLeast = 2;
        if (own.steps < kLeast) fail("{}: is shorter than {} frames", item(i).name, kLeast);
        check_finite_features(sound.frames, item(i).name);
        own.moments = moments_of(sound.frames);
        bytes += static_cast<int64_t>((sound.frames.values.size() + sound.samples.size()) * sizeof(float));
        if (bytes <= options_.memory_bytes) own.sound = std::move(sound);
      } catch (const Error& error) {
        own.fault = error.what();
      }
    }
  });
  in_memory_ = bytes <= options_.memory_bytes;
  return found;
}

void SpeechSet::say(const std::vector<Found>& found) {
  notes_ = list_.notes;
  warnings_ = list_.warnings;
  std::map<int64_t, int64_t> others;
  std::vector<std::string> several, faults;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].fault.empty()) {
      faults.push_back(found[i].fault);
      continue;
    }
    if (found[i].rate != options_.rate) ++others[found[i].rate];
    if (found[i].channels > 1) several.push_back(list_.items[i].name);
  }
  for (const auto& [rate, count] : others) {
    notes_.push_back(fmt::format("{} of {} samples a second {} resampled to {}", counted(count, "sound", "sounds"),
                                 rate, count == 1 ? "is" : "are", options_.rate));
  }
  if (!several.empty()) {
    notes_.push_back(fmt::format("{} several channels, of which the mean is taken: {}",
                                 counted(std::ssize(several), "sound has", "sounds have"), listed(several, kShown)));
  }
  if (faults.size() == found.size()) fail("none of {} sounds can be used: {}", found.size(), faults.front());
  if (!faults.empty()) {
    const size_t shown = std::min(faults.size(), kShown);
    std::string all;
    for (size_t i = 0; i < shown; ++i) all += (i > 0 ? "; " : "") + faults[i];
    if (shown < faults.size()) all += fmt::format(" and {} more", faults.size() - shown);
    warnings_.push_back(
        fmt::format("{} of {} sounds cannot be used and are left out: {}", faults.size(), found.size(), all));
  }
}

double SpeechSet::seconds(int64_t i) const {
  return static_cast<double>(steps(i) * spectrum_.hop()) / static_cast<double>(options_.rate);
}

Loaded<SpokenSound> SpeechSet::load(int64_t i) const {
  if (in_memory_) return Loaded<SpokenSound>::refer(sounds_[static_cast<size_t>(i)]);
  SpokenSound own = read(item(i), nullptr);
  if (own.frames.steps() != steps(i)) fail("{}: has changed since it was first read", item(i).file.name());
  return Loaded<SpokenSound>(std::move(own));
}

void SpeechSet::log_all() const {
  for (const std::string& note : notes_) log_info("{}", note);
  for (const std::string& warning : warnings_) log_warning("{}", warning);
}

}  // namespace recur
