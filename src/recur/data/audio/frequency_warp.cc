#include "recur/data/audio/frequency_warp.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace recur {
namespace {

// Where that which a factor moves to `hz` has come from.
double source_hz(double hz, double factor, double nyquist) {
  // The end of the part that is stretched evenly, before and after: neither is above three fifths.
  const double from = 0.6 * nyquist / std::max(factor, 1.0), to = from * factor;
  return hz <= to ? hz / factor : nyquist - (nyquist - hz) * (nyquist - from) / (nyquist - to);
}

// A value between two bands: values[band] + share * (values[band + 1] - values[band]).
struct Between {
  int64_t band;
  float share;
};

}  // namespace

FrequencyWarp::FrequencyWarp(const MelBandOptions& options)
    : bands_(options.bands), nyquist_(static_cast<double>(options.rate) / 2), scale_(options) {}

void FrequencyWarp::operator()(FrameRows& rows, double factor) const {
  if (bands_ < 2) return;
  std::vector<Between> sources;
  for (int64_t b = 0; b < bands_; ++b) {
    const double position = std::clamp(scale_.position(source_hz(scale_.centre_hz(b), factor, nyquist_)), 0.0,
                                       static_cast<double>(bands_ - 1));
    const int64_t band = std::min(static_cast<int64_t>(position), bands_ - 2);
    sources.push_back({band, static_cast<float>(position - static_cast<double>(band))});
  }
  std::vector<float> before(static_cast<size_t>(bands_));
  for (int64_t t = 0; t < rows.steps(); ++t) {
    float* row = rows.values.data() + t * bands_;
    std::copy_n(row, bands_, before.begin());
    for (const Between& source : sources) {
      const float* at = before.data() + source.band;
      *row++ = at[0] + source.share * (at[1] - at[0]);
    }
  }
}

}  // namespace recur
