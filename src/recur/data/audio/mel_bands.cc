#include "recur/data/audio/mel_bands.h"

#include <cmath>
#include <utility>

#include "recur/base/error.h"

namespace recur {

MelScale::MelScale(const MelBandOptions& options) {
  if (options.bands < 1 || options.bands > 4096) fail_usage("bands: expected 1 .. 4096, got {}", options.bands);
  const double nyquist = static_cast<double>(options.rate) / 2;
  const double high = options.high_hz > 0 ? options.high_hz : nyquist + options.high_hz;
  if (!(options.low_hz >= 0 && options.low_hz < high && high <= nyquist)) {
    fail_usage("low_hz, high_hz: expected 0 <= low < high <= {}, half the sample rate, got {} and {}", nyquist,
               options.low_hz, high);
  }
  low_ = mel(options.low_hz);
  step_ = (mel(high) - low_) / static_cast<double>(options.bands + 1);
}

double MelScale::mel(double hz) { return 1127 * std::log(1 + hz / 700); }

double MelScale::centre_hz(int64_t band) const { return 700 * (std::exp(left_mel(band + 1) / 1127) - 1); }

std::vector<MelBand> mel_bands(const MelBandOptions& options) {
  const MelScale scale(options);
  const double bin_hz = static_cast<double>(options.rate) / static_cast<double>(options.transform);
  std::vector<MelBand> bands;
  for (int64_t b = 0; b < options.bands; ++b) {
    const double left = scale.left_mel(b), center = left + scale.step(), right = center + scale.step();
    MelBand band;
    for (int64_t k = 0; k < options.transform / 2; ++k) {
      const double at = MelScale::mel(bin_hz * static_cast<double>(k));
      if (at <= left || at >= right) {
        if (!band.weights.empty()) break;
        continue;
      }
      if (band.weights.empty()) band.first = k;
      band.weights.push_back(
          static_cast<float>(at <= center ? (at - left) / (center - left) : (right - at) / (right - center)));
    }
    if (band.weights.empty()) {
      fail_usage("bands: {} are too many for {} samples a second and a window of {:.1f} ms: band {} holds no frequency",
                 options.bands, options.rate, 1000 / bin_hz, b + 1);
    }
    bands.push_back(std::move(band));
  }
  return bands;
}

}  // namespace recur
