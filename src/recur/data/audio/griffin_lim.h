// A sound of whose spectrum only the magnitudes are known.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/audio/stft.h"

namespace recur {

struct GriffinLimOptions {
  int64_t steps = 60;
  double momentum = 0.99;  // 0: as published in 1984; else the fast variant of Perraudin, Balazs and Søndergaard (2013)
};

// The sound of T hops for magnitudes [T, K]: phases are drawn, then each step takes those of the sound that is nearest
// to the spectrum (Griffin and Lim, "Signal estimation from modified short-time Fourier transform", 1984).
std::vector<float> griffin_lim(const Stft& stft, std::span<const float> magnitudes, const GriffinLimOptions& options,
                               Random& random);

// How far the magnitudes of a sound are from those wanted: the root of the sum of squared differences over that of the
// wanted ones' squares ("spectral convergence").
double spectral_convergence(const Stft& stft, std::span<const float> magnitudes, std::span<const float> sound);

}  // namespace recur
