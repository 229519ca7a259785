// The mean and the deviation of each band over all training sounds, by which frames are scaled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/data/audio/spectral_features.h"

namespace recur {

struct BandScales {
  std::vector<double> mean, deviation;  // [F]; deviations above 0

  void apply(FrameRows& rows) const;  // to mean 0 and deviation 1
  void undo(FrameRows& rows) const;
};

BandScales scales_of(const FeatureMoments& moments);

// As a JSON object, exactly; and back, for so many bands. Throws Error: it is untrusted input.
std::string scales_text(const BandScales& scales);
BandScales read_scales(std::string_view text, int64_t bands);

}  // namespace recur
