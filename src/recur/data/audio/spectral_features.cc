#include "recur/data/audio/spectral_features.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr double kPi = std::numbers::pi;

int64_t samples_of(double ms, const SpectralOptions& options, const char* key) {
  const double samples = ms * static_cast<double>(options.rate) / 1000;
  constexpr double kMost = 1 << 20;
  if (!(samples >= 1 && samples <= kMost)) {
    fail_usage("{}: expected 1 .. {} samples, got {} ms at {} samples a second", key, kMost, ms, options.rate);
  }
  return static_cast<int64_t>(samples);
}

int64_t transform_size(int64_t window) {
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(window, 2))));
}

}  // namespace

SpectralFeatures::SpectralFeatures(const SpectralOptions& options)
    : options_(options),
      is_mfcc_(options.kind == "mfcc"),
      window_(samples_of(options.window_ms, options, "window")),
      hop_(samples_of(options.hop_ms, options, "hop")),
      fft_(transform_size(window_)),
      bands_(mel_bands({.rate = options.rate,
                        .transform = fft_.size(),
                        .bands = options.bands,
                        .low_hz = options.low_hz,
                        .high_hz = options.high_hz})) {
  if (!is_mfcc_ && options.kind != "log_mel") fail_usage("features: expected log_mel or mfcc, got {}", options.kind);
  if (is_mfcc_ && (options.coefficients < 1 || options.coefficients > options.bands)) {
    fail_usage("coefficients: expected 1 .. {}, the bands, got {}", options.bands, options.coefficients);
  }
  if (!(options.dither >= 0)) fail_usage("dither: expected 0 or more, got {}", options.dither);
  fill_window();
  fill_floor();
  if (is_mfcc_) make_cosines();
}

void SpectralFeatures::fill_window() {
  const std::string& name = options_.window;
  if (name != "povey" && name != "hann" && name != "hamming") {
    fail_usage("window_shape: expected povey, hann or hamming, got {}", name);
  }
  for (int64_t i = 0; i < window_; ++i) {
    const double turn = window_ == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(window_ - 1);
    const double hann = 0.5 - 0.5 * std::cos(2 * kPi * turn);
    shape_.push_back(static_cast<float>(name == "povey"  ? std::pow(hann, 0.85)
                                        : name == "hann" ? hann
                                                         : 0.54 - 0.46 * std::cos(2 * kPi * turn)));
  }
}

// White noise of variance v has the power v |1 - c exp(-jw)|^2 sum(window^2) after pre-emphasis and window; what the
// mean takes off is left out.
void SpectralFeatures::fill_floor() {
  double window = 0;
  for (const float x : shape_) window += static_cast<double>(x) * static_cast<double>(x);
  const double power = options_.dither * options_.dither * window, c = options_.pre_emphasis;
  for (const MelBand& band : bands_) {
    double energy = 0;
    for (size_t k = 0; k < band.weights.size(); ++k) {
      const double turn =
          2 * kPi * static_cast<double>(band.first + static_cast<int64_t>(k)) / static_cast<double>(fft_.size());
      energy += static_cast<double>(band.weights[k]) * power * (1 + c * c - 2 * c * std::cos(turn));
    }
    floor_.push_back(static_cast<float>(energy));
  }
}

void SpectralFeatures::make_cosines() {
  const auto n = static_cast<double>(options_.bands);
  for (int64_t k = 0; k < options_.coefficients; ++k) {
    const double q = options_.lifter, lift = q > 0 ? 1 + q / 2 * std::sin(kPi * static_cast<double>(k) / q) : 1;
    for (int64_t b = 0; b < options_.bands; ++b) {
      const double wave =
          k == 0 ? std::sqrt(1 / n)
                 : std::sqrt(2 / n) * std::cos(kPi / n * (static_cast<double>(b) + 0.5) * static_cast<double>(k));
      cosines_.push_back(static_cast<float>(lift * wave));
    }
  }
}

FrameRows SpectralFeatures::operator()(std::span<const float> samples) const {
  constexpr float kScale = 32768, kFloor = std::numeric_limits<float>::epsilon();
  FrameRows rows{.values = {}, .width = width()};
  const int64_t steps = this->steps(std::ssize(samples));
  rows.values.reserve(static_cast<size_t>(steps * width()));
  std::vector<float> frame(static_cast<size_t>(fft_.size())), power(static_cast<size_t>(fft_.size() / 2 + 1));
  std::vector<float> energies(bands_.size());
  const auto emphasis = static_cast<float>(options_.pre_emphasis);
  for (int64_t t = 0; t < steps; ++t) {
    const std::span<const float> from = samples.subspan(static_cast<size_t>(t * hop_), static_cast<size_t>(window_));
    double sum = 0;
    for (const float x : from) sum += static_cast<double>(x);
    const auto mean = static_cast<float>(sum / static_cast<double>(window_));
    // The sample before the first is taken to be equal to it.
    float before = from[0] - mean;
    for (int64_t i = 0; i < window_; ++i) {
      const float now = from[i] - mean;
      frame[i] = kScale * (now - emphasis * before) * shape_[i];
      before = now;
    }
    std::fill(frame.begin() + window_, frame.end(), 0.0f);
    fft_.power(frame, power);
    for (size_t b = 0; b < bands_.size(); ++b) {
      float energy = floor_[b];
      for (size_t k = 0; k < bands_[b].weights.size(); ++k) {
        energy += bands_[b].weights[k] * power[static_cast<size_t>(bands_[b].first) + k];
      }
      energies[b] = std::log(std::max(energy, kFloor));
    }
    if (!is_mfcc_) {
      rows.values.insert(rows.values.end(), energies.begin(), energies.end());
      continue;
    }
    for (int64_t k = 0; k < options_.coefficients; ++k) {
      float value = 0;
      for (size_t b = 0; b < energies.size(); ++b) value += cosines_[k * energies.size() + b] * energies[b];
      rows.values.push_back(value);
    }
  }
  return rows;
}

void FeatureMoments::add(const FrameRows& rows) {
  const auto width = static_cast<size_t>(rows.width);
  sums.resize(width, 0);
  squares.resize(width, 0);
  steps += rows.steps();
  for (size_t i = 0; i < rows.values.size(); ++i) {
    const auto x = static_cast<double>(rows.values[i]);
    sums[i % width] += x;
    squares[i % width] += x * x;
  }
}

void FeatureMoments::add(const FeatureMoments& other) {
  sums.resize(other.sums.size(), 0);
  squares.resize(other.squares.size(), 0);
  steps += other.steps;
  for (size_t f = 0; f < sums.size(); ++f) {
    sums[f] += other.sums[f];
    squares[f] += other.squares[f];
  }
}

FeatureMoments moments_of(const FrameRows& rows) {
  FeatureMoments moments;
  moments.add(rows);
  return moments;
}

void normalise(FrameRows& rows, const FeatureMoments& moments) {
  if (moments.steps == 0) return;
  const auto width = static_cast<size_t>(rows.width);
  const auto count = static_cast<double>(moments.steps);
  std::vector<double> mean(width), scale(width);
  for (size_t f = 0; f < width; ++f) {
    mean[f] = moments.sums[f] / count;
    const double variance = moments.squares[f] / count - mean[f] * mean[f];
    scale[f] = variance > 1e-9 * (1 + mean[f] * mean[f]) ? 1 / std::sqrt(variance) : 1;
  }
  for (size_t i = 0; i < rows.values.size(); ++i) {
    rows.values[i] = static_cast<float>((static_cast<double>(rows.values[i]) - mean[i % width]) * scale[i % width]);
  }
}

}  // namespace recur
