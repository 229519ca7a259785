// Bands of a spectrum that are as wide as hearing has them.
#pragma once

#include <cstdint>
#include <vector>

namespace recur {

// Weights of the bins of a spectrum from `first` on.
struct MelBand {
  int64_t first = 0;
  std::vector<float> weights;
};

struct MelBandOptions {
  int64_t rate = 16000;      // samples a second
  int64_t transform = 1024;  // n of the Fourier transform, whose bins are rate / n apart
  int64_t bands = 80;
  double low_hz = 0, high_hz = 0;  // high_hz 0 or less: so far below the Nyquist frequency
};

// Triangles between neighbours on the scale 1127 ln(1 + f / 700), not normalised; bin n / 2 belongs to none. Throws
// UsageError for what makes no sense, and for a band that holds no bin.
std::vector<MelBand> mel_bands(const MelBandOptions& options);

}  // namespace recur
