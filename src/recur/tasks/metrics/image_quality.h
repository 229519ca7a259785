// How near a picture is to another, and the median filter, which every denoiser has to beat. Channels are planes
// [C, H, W] of values in 0 .. 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

struct PlaneShape {
  int64_t channels = 1, height = 0, width = 0;

  int64_t size() const { return channels * height * width; }
  bool operator==(const PlaneShape&) const = default;
};

// Mean squared difference over all values.
double mean_squared_error(std::span<const float> a, std::span<const float> b);

// Peak signal-to-noise ratio in dB: 10 log10(1 / mean squared error), at most 100.
double peak_signal_to_noise(double mean_squared_error);

// Structural similarity (Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
// structural similarity", 2004) in -1 .. 1, as scikit-image computes it by default: windows of 7 x 7, or the largest
// odd side that fits, all pixels weighing the same, sample covariances, K1 0.01, K2 0.03; the mean over all whole
// windows and channels.
double structural_similarity(std::span<const float> a, std::span<const float> b, const PlaneShape& shape);

// The median of the 3 x 3 pixels around each, with the outermost ones repeated beyond the edges.
std::vector<float> median_filter(std::span<const float> x, const PlaneShape& shape);

}  // namespace recur
