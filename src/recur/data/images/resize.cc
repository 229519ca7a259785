#include "recur/data/images/resize.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace recur {
std::vector<PixelTaps> pixel_taps(int64_t from, int64_t to) {
  std::vector<PixelTaps> out;
  const double scale = static_cast<double>(from) / static_cast<double>(to), reach = std::max(scale, 1.0);
  for (int64_t i = 0; i < to; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale - 0.5;
    const auto first = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(center - reach)), 0, from - 1);
    const auto last = std::clamp<int64_t>(static_cast<int64_t>(std::floor(center + reach)), first, from - 1);
    PixelTaps taps{.first = first, .weights = {}};
    float sum = 0;
    for (int64_t k = first; k <= last; ++k) {
      const auto weight = static_cast<float>(std::max(1 - std::abs(static_cast<double>(k) - center) / reach, 0.0));
      taps.weights.push_back(weight);
      sum += weight;
    }
    if (sum <= 0) taps.weights.assign(1, sum = 1);
    for (float& weight : taps.weights) weight /= sum;
    out.push_back(std::move(taps));
  }
  return out;
}

Image resized(const Image& image, int64_t height, int64_t width) {
  if (image.height == height && image.width == width) return image;
  const int64_t channels = image.channels;
  // Pass 1: along the rows, [H, width, C].
  std::vector<float> wide(static_cast<size_t>(image.height * width * channels), 0.0f);
  const std::vector<PixelTaps> across = pixel_taps(image.width, width);
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const PixelTaps& taps = across[static_cast<size_t>(x)];
      float* to = wide.data() + (y * width + x) * channels;
      const float* from = image.values.data() + (y * image.width + taps.first) * channels;
      for (const float weight : taps.weights) {
        for (int64_t c = 0; c < channels; ++c) to[c] += weight * *from++;
      }
    }
  }
  // Pass 2: along the columns.
  Image out{.height = height,
            .width = width,
            .channels = channels,
            .bits = image.bits,
            .had_alpha = image.had_alpha,
            .values = std::vector<float>(static_cast<size_t>(height * width * channels), 0.0f)};
  const std::vector<PixelTaps> down = pixel_taps(image.height, height);
  const int64_t row = width * channels;
  for (int64_t y = 0; y < height; ++y) {
    const PixelTaps& taps = down[static_cast<size_t>(y)];
    float* to = out.values.data() + y * row;
    const float* from = wide.data() + taps.first * row;
    for (const float weight : taps.weights) {
      for (int64_t i = 0; i < row; ++i) to[i] += weight * *from++;
    }
  }
  return out;
}

}  // namespace recur
