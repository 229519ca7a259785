#include "recur/data/audio/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int64_t kZeroCrossings = 24;  // of the sinc, on each side
constexpr double kRolloff = 0.945;      // the pass band ends here, relative to the lower of the Nyquist frequencies
constexpr double kBeta = 9.0;           // of the window: the stop band lies 90 dB below

double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 60; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
    if (term < 1e-17 * sum) break;
  }
  return sum;
}

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

}  // namespace

Resampler::Resampler(int64_t from, int64_t to) {
  constexpr int64_t kMost = 1 << 20;
  if (from < 1 || to < 1 || from > kMost || to > kMost) {
    fail("resample: expected rates of 1 .. {}, got {} and {}", kMost, from, to);
  }
  const int64_t common = std::gcd(from, to);
  up_ = to / common;
  down_ = from / common;
  // In units of the input's samples; where the output has fewer, the sinc is wider.
  const double scale = std::min(1.0, static_cast<double>(up_) / static_cast<double>(down_));
  const double reach = static_cast<double>(kZeroCrossings) / scale;
  half_ = static_cast<int64_t>(std::ceil(reach)) + 1;
  constexpr int64_t kMostTaps = int64_t{1} << 26;
  if (up_ * 2 * half_ > kMostTaps) fail("resample: {} to {}: the rates have too little in common", from, to);
  filters_.resize(static_cast<size_t>(up_ * 2 * half_));
  const double cutoff = kRolloff * scale;
  for (int64_t phase = 0; phase < up_; ++phase) {
    float* filter = filters_.data() + phase * 2 * half_;
    const double offset = static_cast<double>(phase) / static_cast<double>(up_);
    std::vector<double> taps(static_cast<size_t>(2 * half_));
    double sum = 0;
    for (int64_t k = 0; k < 2 * half_; ++k) {
      const double x = static_cast<double>(k - half_ + 1) - offset;  // from the new sample to this one
      const double inside = 1 - (x / reach) * (x / reach);
      taps[k] = inside <= 0 ? 0 : cutoff * sinc(cutoff * x) * bessel_i0(kBeta * std::sqrt(inside)) / bessel_i0(kBeta);
      sum += taps[k];
    }
    // A constant stays what it is, at every phase.
    for (int64_t k = 0; k < 2 * half_; ++k) filter[k] = static_cast<float>(taps[k] / sum);
  }
}

float Resampler::sample(int64_t i, std::span<const float> samples, int64_t first) const {
  const int64_t at = i * down_ / up_, phase = i * down_ % up_;
  const float* filter = filters_.data() + phase * 2 * half_;
  const int64_t from = at - half_ + 1 - first;
  const int64_t begin = std::max<int64_t>(0, -from), end = std::min(2 * half_, std::ssize(samples) - from);
  float sum = 0;
  for (int64_t k = begin; k < end; ++k) sum += filter[k] * samples[static_cast<size_t>(from + k)];
  return sum;
}

std::vector<float> Resampler::operator()(std::span<const float> samples) const {
  if (up_ == down_) return {samples.begin(), samples.end()};
  const int64_t n = std::ssize(samples);
  std::vector<float> out(static_cast<size_t>(length(n)));
  for (int64_t i = 0; i < std::ssize(out); ++i) out[static_cast<size_t>(i)] = sample(i, samples, 0);
  return out;
}

std::vector<float> ResampleStream::take(std::span<const float> samples) {
  if (resampler_.up_ == resampler_.down_) return {samples.begin(), samples.end()};
  kept_.insert(kept_.end(), samples.begin(), samples.end());
  const int64_t have = first_ + std::ssize(kept_);
  std::vector<float> out;
  for (; resampler_.last_seen(given_) < have; ++given_) out.push_back(resampler_.sample(given_, kept_, first_));
  const int64_t needed = resampler_.last_seen(given_) - 2 * resampler_.half_ + 1;
  if (const int64_t drop = std::clamp<int64_t>(needed - first_, 0, std::ssize(kept_)); drop > 0) {
    kept_.erase(kept_.begin(), kept_.begin() + drop);
    first_ += drop;
  }
  return out;
}

std::vector<float> ResampleStream::finish() {
  std::vector<float> out;
  if (resampler_.up_ == resampler_.down_) return out;
  const int64_t all = resampler_.length(first_ + std::ssize(kept_));
  for (; given_ < all; ++given_) out.push_back(resampler_.sample(given_, kept_, first_));
  return out;
}

std::vector<float> at_speed(std::span<const float> samples, double factor) {
  if (!(factor >= 0.5 && factor <= 2)) fail("speed: expected factors of 0.5 .. 2, got {}", factor);
  return Resampler(std::llround(100 * factor), 100)(samples);
}

}  // namespace recur
