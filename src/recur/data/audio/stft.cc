#include "recur/data/audio/stft.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "recur/base/error.h"

namespace recur {

Stft::Stft(int64_t window, int64_t hop)
    : window_(window),
      hop_(hop),
      fft_(static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::clamp<int64_t>(window, 2, 1 << 20))))) {
  if (hop < 1 || window < 2 * hop || window > 1 << 20) {
    fail("Fourier transform: expected a hop of 1 .. half a window of at most {} samples, got {} and {}", 1 << 20, hop,
         window);
  }
  for (int64_t i = 0; i < window; ++i) {
    const double turn = 2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(window);
    shape_.push_back(static_cast<float>(0.5 - 0.5 * std::cos(turn)));
    gain_ += double{shape_.back()} / 2;
  }
}

std::vector<float> Stft::operator()(std::span<const float> samples) const {
  const auto count = std::ssize(samples);
  const int64_t frames = this->frames(count), row = 2 * bins();
  std::vector<float> out(static_cast<size_t>(frames * row)), x(static_cast<size_t>(transform()));
  for (int64_t t = 0; t < frames; ++t) {
    std::ranges::fill(x, 0.0f);
    const int64_t first = first_sample(t);
    const int64_t end = std::min(window_, count - first);
    for (int64_t i = std::max<int64_t>(0, -first); i < end; ++i) x[i] = samples[first + i] * shape_[i];
    fft_.forward(x, std::span(out).subspan(static_cast<size_t>(t * row), static_cast<size_t>(row)));
  }
  return out;
}

std::vector<float> Stft::inverse(std::span<const float> frames) const {
  const int64_t row = 2 * bins(), count = std::ssize(frames) / row, samples = count * hop_;
  std::vector<float> sums(static_cast<size_t>(samples), 0), weights(sums), x(static_cast<size_t>(transform()));
  for (int64_t t = 0; t < count; ++t) {
    fft_.inverse(frames.subspan(static_cast<size_t>(t * row), static_cast<size_t>(row)), x);
    const int64_t first = first_sample(t);
    const int64_t end = std::min(window_, samples - first);
    for (int64_t i = std::max<int64_t>(0, -first); i < end; ++i) {
      sums[first + i] += x[i] * shape_[i];
      weights[first + i] += shape_[i] * shape_[i];
    }
  }
  for (size_t i = 0; i < sums.size(); ++i) sums[i] /= weights[i];
  return sums;
}

}  // namespace recur
