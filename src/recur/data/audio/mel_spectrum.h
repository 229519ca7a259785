// Mel spectra that a sound can be made of again: what a network of speech writes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/audio/mel_bands.h"
#include "recur/data/audio/stft.h"
#include "recur/data/files/frame_rows.h"

namespace recur {

struct MelSpectrumOptions {
  int64_t rate = 16000;  // samples a second
  double window_ms = 50, hop_ms = 12.5;
  int64_t bands = 80;
  double low_hz = 0, high_hz = 0;  // as of MelBandOptions
};

// A frame is ln max(m, 1e-4) of m, the sums of the magnitudes under each band's triangle, where a sine of amplitude 1
// has magnitude 1 at its bin. Const: any number of threads may use one.
class MelSpectrum {
 public:
  explicit MelSpectrum(const MelSpectrumOptions& options);  // throws UsageError for what makes no sense

  int64_t bands() const { return std::ssize(bands_); }  // F
  int64_t hop() const { return stft_.hop(); }           // in samples
  const Stft& stft() const { return stft_; }

  // n samples -> ceil(n / hop) frames.
  FrameRows operator()(std::span<const float> samples) const;

  // Magnitudes [T, K] of a spectrum, 0 or more, whose bands are nearest to the frames in the sense of least squares: by
  // multiplicative steps (Lee and Seung 2001) from envelope().
  std::vector<float> magnitudes(const FrameRows& frames, int steps = 40) const;
  // The same of one frame [F] as a curve that is as high in each bin as in the bands around it: out [K].
  void envelope(std::span<const float> frame, std::span<float> out) const;

 private:
  Stft stft_;
  std::vector<MelBand> bands_;
  std::vector<float> areas_;   // [F] sums of the weights
  std::vector<float> shares_;  // [K] 1 / the weights that bands have in a bin, 0 where none has any
};

}  // namespace recur
