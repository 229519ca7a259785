// The sounds of a list as frames and samples, at one rate, without the silence around them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/data/audio/mel_spectrum.h"
#include "recur/data/audio/spectral_features.h"
#include "recur/data/audio/transcripts.h"
#include "recur/data/files/loaded.h"
#include "recur/tasks/synthesize/synthesize_options.h"

namespace recur {

struct SpeechSetOptions {
  int64_t rate = 16000;
  double trim_db = 40;
  int64_t memory_bytes = 0;  // sounds of more than this are read anew each time they are asked for
};

struct SpokenSound {
  FrameRows frames;            // [T, F] log-mel, not scaled
  std::vector<float> samples;  // T hops of them at most
};

MelSpectrum mel_spectrum(const SynthesizeFrameOptions& options, int64_t rate);
// F of the options.
int64_t band_count(const SynthesizeFrameOptions& options, int64_t rate);

// Const: any number of threads may use one.
class SpeechSet {
 public:
  // Reads all sounds once. Those that cannot be read are left out, which warnings() say. Throws Error where none is
  // left. The same for any number of threads.
  SpeechSet(Transcripts list, const SynthesizeFrameOptions& frames, const SpeechSetOptions& options);

  int64_t size() const { return std::ssize(list_.items); }
  const Transcript& item(int64_t i) const { return list_.items[static_cast<size_t>(i)]; }
  double seconds(int64_t i) const;
  int64_t steps(int64_t i) const { return steps_[static_cast<size_t>(i)]; }  // T
  double fingerprint(int64_t i) const { return fingerprints_[static_cast<size_t>(i)]; }
  Loaded<SpokenSound> load(int64_t i) const;

  const FeatureMoments& moments() const { return moments_; }  // of all frames
  const MelSpectrum& spectrum() const { return spectrum_; }
  bool in_memory() const { return in_memory_; }
  // Writes notes and warnings to the log.
  void log_all() const;

 private:
  struct Found;
  SpokenSound read(const Transcript& item, Found* found) const;
  std::vector<Found> read_all();
  void say(const std::vector<Found>& found);

  Transcripts list_;
  SpeechSetOptions options_;
  MelSpectrum spectrum_;
  bool in_memory_ = true;
  std::vector<int64_t> steps_;
  std::vector<double> fingerprints_;
  std::vector<SpokenSound> sounds_;  // empty where they are not kept
  FeatureMoments moments_;
  std::vector<std::string> notes_, warnings_;
};

}  // namespace recur
