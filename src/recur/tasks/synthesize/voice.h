// Frames become sound.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "recur/base/random.h"
#include "recur/data/audio/mel_spectrum.h"
#include "recur/tasks/synthesize/band_scales.h"
#include "recur/tasks/synthesize/vocoder.h"

namespace recur {

struct VoiceOptions {
  bool vocoder = true;
  int64_t griffin_lim_steps = 60;
  double temperature = 1;
};

// Refers to all of it. Const: any number of threads may use one.
class Voice {
 public:
  // `vocoder` null: none.
  Voice(const MelSpectrum& spectrum, const BandScales& scales, const Vocoder* vocoder)
      : spectrum_(spectrum), scales_(scales), vocoder_(vocoder) {}

  // Called with each piece as soon as it is made; false stops.
  using Piece = std::function<bool(std::span<const float>)>;

  // Scaled frames [T, F] -> T hops of sound. With the vocoder in pieces of a few frames, else in one.
  void speak(const FrameRows& frames, const VoiceOptions& options, Random random, const Piece& piece) const;
  // The same as a whole.
  std::vector<float> sound(const FrameRows& frames, const VoiceOptions& options, Random random) const;

 private:
  void run_vocoder(const FrameRows& frames, const VoiceOptions& options, Random random, const Piece& piece) const;

  const MelSpectrum& spectrum_;
  const BandScales& scales_;
  const Vocoder* vocoder_;
};

// The frames of something said `speed` times as fast: between two frames numbers lie on a line.
FrameRows at_pace(const FrameRows& frames, double speed);

}  // namespace recur
