#include "recur/data/audio/mel_spectrum.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr float kFloor = 1e-4f;

Stft stft_of(const MelSpectrumOptions& o) {
  const auto samples = [&](double ms) { return std::llround(ms * static_cast<double>(o.rate) / 1000); };
  constexpr double kMost = 1 << 15;
  const double longest = std::max(o.window_ms, o.hop_ms) * static_cast<double>(o.rate) / 1000;
  if (!(longest <= kMost) || samples(o.hop_ms) < 1 || samples(o.window_ms) < 2 * samples(o.hop_ms)) {
    fail_usage("window_ms, hop_ms: expected a window of two hops or more, of 1 .. {} samples, got {} and {} ms", kMost,
               o.window_ms, o.hop_ms);
  }
  return {samples(o.window_ms), samples(o.hop_ms)};
}

}  // namespace

MelSpectrum::MelSpectrum(const MelSpectrumOptions& options)
    : stft_(stft_of(options)),
      bands_(mel_bands({.rate = options.rate,
                        .transform = stft_.transform(),
                        .bands = options.bands,
                        .low_hz = options.low_hz,
                        .high_hz = options.high_hz})),
      shares_(static_cast<size_t>(stft_.bins()), 0) {
  for (const MelBand& band : bands_) {
    areas_.push_back(std::accumulate(band.weights.begin(), band.weights.end(), 0.0f));
    for (size_t k = 0; k < band.weights.size(); ++k) shares_[static_cast<size_t>(band.first) + k] += band.weights[k];
  }
  for (float& share : shares_) share = share > 0 ? 1 / share : 0;
}

FrameRows MelSpectrum::operator()(std::span<const float> samples) const {
  const std::vector<float> frames = stft_(samples);
  const int64_t bins = stft_.bins(), count = stft_.frames(std::ssize(samples));
  FrameRows rows{.values = {}, .width = bands()};
  rows.values.reserve(static_cast<size_t>(count * bands()));
  std::vector<float> magnitudes(static_cast<size_t>(bins));
  const auto scale = static_cast<float>(1 / stft_.gain());
  for (int64_t t = 0; t < count; ++t) {
    const float* at = frames.data() + 2 * t * bins;
    for (int64_t k = 0; k < bins; ++k) magnitudes[k] = scale * std::hypot(at[2 * k], at[2 * k + 1]);
    for (const MelBand& band : bands_) {
      const float sum =
          std::inner_product(band.weights.begin(), band.weights.end(), magnitudes.begin() + band.first, 0.0f);
      rows.values.push_back(std::log(std::max(sum, kFloor)));
    }
  }
  return rows;
}

void MelSpectrum::envelope(std::span<const float> frame, std::span<float> out) const {
  std::ranges::fill(out, 0.0f);
  for (size_t b = 0; b < bands_.size(); ++b) {
    const float level = std::exp(frame[b]) / areas_[b];
    const MelBand& band = bands_[b];
    for (size_t k = 0; k < band.weights.size(); ++k) {
      const size_t bin = static_cast<size_t>(band.first) + k;
      out[bin] += level * band.weights[k] * shares_[bin];
    }
  }
}

std::vector<float> MelSpectrum::magnitudes(const FrameRows& frames, int steps) const {
  constexpr float kTiny = 1e-9f;
  const auto bins = static_cast<size_t>(stft_.bins()), count = static_cast<size_t>(bands());
  std::vector<float> out(static_cast<size_t>(frames.steps()) * bins);
  std::vector<float> wanted(count), had(count), up(bins), down(bins);
  const auto spread = [&](const std::vector<float>& of_bands, std::vector<float>& to) {
    std::ranges::fill(to, 0.0f);
    for (size_t b = 0; b < count; ++b) {
      const MelBand& band = bands_[b];
      float* at = to.data() + band.first;
      for (size_t k = 0; k < band.weights.size(); ++k) at[k] += of_bands[b] * band.weights[k];
    }
  };
  for (int64_t t = 0; t < frames.steps(); ++t) {
    const std::span<const float> frame(frames.values.data() + static_cast<size_t>(t) * count, count);
    const std::span<float> x(out.data() + static_cast<size_t>(t) * bins, bins);
    envelope(frame, x);
    for (size_t b = 0; b < count; ++b) wanted[b] = std::exp(frame[b]);
    spread(wanted, up);
    for (int step = 0; step < steps; ++step) {
      for (size_t b = 0; b < count; ++b) {
        const MelBand& band = bands_[b];
        had[b] = std::inner_product(band.weights.begin(), band.weights.end(), x.begin() + band.first, 0.0f);
      }
      spread(had, down);
      for (size_t k = 0; k < bins; ++k) x[k] *= up[k] / (down[k] + kTiny);
    }
    for (float& each : x) each *= static_cast<float>(stft_.gain());
  }
  return out;
}

}  // namespace recur
