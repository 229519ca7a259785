// What a network reads of a sound: log-mel energies or mel-frequency cepstral coefficients, a row of them every few
// milliseconds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/audio/mel_bands.h"
#include "recur/data/audio/real_fft.h"
#include "recur/data/files/frame_rows.h"

namespace recur {

// The conventions are Kaldi's (Povey et al. 2011; `compute-fbank-feats` and `compute-mfcc-feats`): samples are taken as
// 16-bit integers; frames lie wholly inside the sound; of each the mean is taken off, then pre-emphasis x_t - c
// x_(t-1), then the window of that name ("povey": a Hann window to the power of 0.85), zeros up to a power of two, the
// power spectrum; triangles on the scale 1127 ln(1 + f / 700), not normalised; natural logarithms.
struct SpectralOptions {
  std::string kind = "log_mel";  // or "mfcc"
  int64_t rate = 16000;          // samples a second of the sounds
  double window_ms = 25, hop_ms = 10;
  int64_t bands = 80;               // of the mel scale
  int64_t coefficients = 13;        // of mfcc, at most `bands`: the first of the cosine transform (DCT II, orthonormal)
  double lifter = 22;               // of mfcc: coefficient k is multiplied by 1 + lifter / 2 sin(pi k / lifter); 0: not
  double low_hz = 20, high_hz = 0;  // of the bands; 0 or less: so far below the Nyquist frequency
  double pre_emphasis = 0.97;
  std::string window = "povey";  // or "hann", "hamming"
  // The standard deviation of white noise, in steps of a 16-bit integer, whose mean power is added to all energies, so
  // that those of digital silence have a bottom. Kaldi adds such noise itself to the samples, 1 unless told otherwise.
  double dither = 0;
};

// Const: any number of threads may use one.
class SpectralFeatures {
 public:
  explicit SpectralFeatures(const SpectralOptions& options);  // throws UsageError for what makes no sense

  int64_t width() const { return is_mfcc_ ? options_.coefficients : options_.bands; }  // F
  int64_t window() const { return window_; }                                           // in samples
  int64_t hop() const { return hop_; }
  int64_t steps(int64_t samples) const { return samples < window_ ? 0 : 1 + (samples - window_) / hop_; }

  // Of samples at the rate of the options; no rows for less than a window.
  FrameRows operator()(std::span<const float> samples) const;

 private:
  void fill_window();
  void make_cosines();
  void fill_floor();

  SpectralOptions options_;
  bool is_mfcc_;
  int64_t window_, hop_;
  RealFft fft_;
  std::vector<float> shape_;    // of the window
  std::vector<MelBand> bands_;  // of the power spectrum
  std::vector<float> floor_;    // the mean energy of dither in each band
  std::vector<float> cosines_;  // [coefficients, bands], liftered
};

// What the mean and the variance of each feature follow from, of any number of sounds together.
struct FeatureMoments {
  int64_t steps = 0;
  std::vector<double> sums, squares;  // [F]

  void add(const FrameRows& rows);
  void add(const FeatureMoments& other);
};
FeatureMoments moments_of(const FrameRows& rows);

// Takes off the mean of each feature and divides by its standard deviation, or takes off the mean alone where that is
// 0.
void normalise(FrameRows& rows, const FeatureMoments& moments);

}  // namespace recur
