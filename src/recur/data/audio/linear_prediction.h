// Linear prediction of a sound: each sample from those before it, by the envelope of its spectrum.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/audio/mel_spectrum.h"

namespace recur {

// First-order filters around what predicts speech, whose spectrum falls: y_t = x_t - c x_(t-1), and back.
inline constexpr float kPreEmphasis = 0.85f;
void pre_emphasise(std::span<float> samples);

// Coefficients a_1 .. a_P of the prediction a_1 x_(t-1) + ... + a_P x_(t-P) that is best for a sound with these
// autocorrelations [P + 1]: by the recursion of Levinson and Durbin. All 0 for silence. The filter that they make is
// stable.
std::vector<float> levinson_durbin(std::span<const double> autocorrelation);

// The coefficients for pre-emphasised sounds with the envelopes that mel frames have: [T, order]. Autocorrelations are
// the inverse transform of the power spectrum (Wiener and Khinchin), with a faint white noise added and a lag window,
// as codecs have it.
class MelPredictor {
 public:
  MelPredictor(const MelSpectrum& spectrum, int64_t order);

  int64_t order() const { return order_; }
  std::vector<float> operator()(const FrameRows& frames) const;

 private:
  const MelSpectrum& spectrum_;
  int64_t order_;
  RealFft fft_;
  std::vector<float> emphasis_;  // [K] of the power spectrum
};

}  // namespace recur
