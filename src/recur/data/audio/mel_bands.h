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

// Where bands lie on the scale 1127 ln(1 + f / 700): centres are a step apart, and a step within the ends.
class MelScale {
 public:
  explicit MelScale(const MelBandOptions& options);  // throws UsageError for ends that make no sense

  static double mel(double hz);
  double left_mel(int64_t band) const { return low_ + static_cast<double>(band) * step_; }  // where a band begins
  double step() const { return step_; }                                                     // in mel
  double centre_hz(int64_t band) const;
  // Of a frequency, 0 at the centre of the first band.
  double position(double hz) const { return (mel(hz) - low_) / step_ - 1; }

 private:
  double low_, step_;
};

// Triangles between neighbours on that scale, not normalised; bin n / 2 belongs to none. Throws
// UsageError for what makes no sense, and for a band that holds no bin.
std::vector<MelBand> mel_bands(const MelBandOptions& options);

}  // namespace recur
