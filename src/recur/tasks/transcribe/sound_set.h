// What a network reads of the sounds of a list: features, normalised, of each sound at one or several speeds. Pictures
// of lines are sounds too: their columns are steps, and speeds make them narrower or wider.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/audio/spectral_features.h"
#include "recur/data/audio/transcripts.h"
#include "recur/data/files/loaded.h"
#include "recur/data/images/line_image.h"
#include "recur/tasks/transcribe/transcribe_options.h"

namespace recur {

struct SoundSetOptions {
  TranscribeFeatureOptions features;
  int64_t rate = 16000;                       // that sounds are resampled to
  std::vector<int64_t> speeds{100};           // in percent
  std::optional<FeatureMoments> global = {};  // of all training sounds (normalise = global); without, the set's own
  int64_t memory_bytes = 0;                   // more features than this are computed anew each time they are asked for
};

// Whether pictures are read. The kind of features must have been chosen: not "auto".
inline bool reads_pictures(const TranscribeFeatureOptions& options) { return options.kind == "pixels"; }
bool is_sound_or_picture(std::string_view name);

// Of sounds of a rate.
SpectralFeatures spectral_features(const TranscribeFeatureOptions& options, int64_t rate);
// The bands of these.
MelBandOptions band_options(const TranscribeFeatureOptions& options, int64_t rate);
// F, of sounds of a rate.
int64_t feature_width(const TranscribeFeatureOptions& options, int64_t rate);
// From one step to the next.
double hop_seconds(const TranscribeFeatureOptions& options, int64_t rate);

// The most common rate of the first sounds; throws Error where none of them can be read.
int64_t common_rate(const Transcripts& list);

// Const: any number of threads may use one.
class SoundSet {
 public:
  // Reads all sounds once. Those that cannot be read, hold numbers that are none, or are shorter than a window are left
  // out; of these, of several channels, of few bits and of other rates notes() speak. Throws Error where no sound is
  // left. The same for any number of threads.
  SoundSet(Transcripts list, SoundSetOptions options);

  int64_t size() const { return std::ssize(list_.items); }
  const Transcript& item(int64_t i) const { return list_.items[static_cast<size_t>(i)]; }
  std::string where(int64_t i) const { return item(i).name; }
  // Of a picture: a hop for each column.
  double seconds(int64_t i) const { return seconds_[static_cast<size_t>(i)]; }
  // Of what was read of a sound at the first speed: the sum of its features, before they were normalised.
  double fingerprint(int64_t i) const { return fingerprints_[static_cast<size_t>(i)]; }

  // Of a sound at a speed, an index into those of the options.
  int64_t steps(int64_t i, size_t speed = 0) const { return steps_[static_cast<size_t>(i)][speed]; }
  Loaded<FrameRows> frames(int64_t i, size_t speed = 0) const;
  const std::vector<int64_t>& speeds() const { return options_.speeds; }

  // Of all sounds at all speeds, where these are normalised by them; null elsewhere.
  const FeatureMoments* global() const { return options_.global ? &*options_.global : nullptr; }

  bool in_memory() const { return in_memory_; }
  const std::vector<std::string>& notes() const { return notes_; }        // in words
  const std::vector<std::string>& warnings() const { return warnings_; }  // of what was left out

  // Writes both to the log.
  void log_all() const;

 private:
  struct Found;    // what reading a sound finds
  struct Content;  // of a file
  Content read(const Transcript& item, Found* found) const;
  FrameRows rows_of(const Content& content, size_t speed) const;
  std::vector<Found> read_all();
  void keep_what_is_sound(std::vector<Found>& found);
  void note(const std::vector<Found>& found);
  void gather_moments(std::vector<Found>& found);
  const FeatureMoments* moments(int64_t i, size_t speed) const;

  Transcripts list_;
  SoundSetOptions options_;
  std::optional<SpectralFeatures> features_;  // of sounds
  bool in_memory_ = true;
  std::vector<double> seconds_, fingerprints_;
  std::vector<std::vector<int64_t>> steps_;           // [sound][speed]
  std::vector<std::vector<FrameRows>> rows_;          // the same, normalised; empty where they are not kept
  std::vector<size_t> group_;                         // of each sound, into moments_
  std::vector<std::vector<FeatureMoments>> moments_;  // [group][speed]
  std::vector<std::string> notes_, warnings_;
};

}  // namespace recur
