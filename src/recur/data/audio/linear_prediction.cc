#include "recur/data/audio/linear_prediction.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace recur {

void pre_emphasise(std::span<float> samples) {
  float before = 0;
  for (float& x : samples) {
    const float now = x;
    x = now - kPreEmphasis * before;
    before = now;
  }
}

std::vector<float> levinson_durbin(std::span<const double> autocorrelation) {
  const size_t order = autocorrelation.size() - 1;
  std::vector<double> a(order + 1, 0), next(a);
  double error = autocorrelation[0];
  for (size_t i = 1; i <= order && error > 0; ++i) {
    double sum = autocorrelation[i];
    for (size_t j = 1; j < i; ++j) sum -= a[j] * autocorrelation[i - j];
    const double reflection = sum / error;
    next = a;
    next[i] = reflection;
    for (size_t j = 1; j < i; ++j) next[j] = a[j] - reflection * a[i - j];
    a = next;
    error *= 1 - reflection * reflection;
  }
  std::vector<float> out;
  for (size_t i = 1; i <= order; ++i) out.push_back(static_cast<float>(a[i]));
  return out;
}

MelPredictor::MelPredictor(const MelSpectrum& spectrum, int64_t order)
    : spectrum_(spectrum), order_(order), fft_(spectrum.stft().transform()) {
  const int64_t bins = spectrum.stft().bins();
  for (int64_t k = 0; k < bins; ++k) {
    const double turn = std::numbers::pi * static_cast<double>(k) / static_cast<double>(bins - 1);
    const double c = double{kPreEmphasis};
    emphasis_.push_back(static_cast<float>(1 - 2 * c * std::cos(turn) + c * c));
  }
}

std::vector<float> MelPredictor::operator()(const FrameRows& frames) const {
  // Noise 40 dB below the sound, so that no frequency is without any; and below what 16 bits can hold.
  constexpr double kNoise = 1e-4, kFloor = 1e-12, kLagWindow = 6e-5;
  const auto bins = static_cast<size_t>(spectrum_.stft().bins());
  std::vector<float> envelope(bins), power(2 * bins), correlation(static_cast<size_t>(fft_.size()));
  std::vector<double> lags(static_cast<size_t>(order_) + 1);
  std::vector<float> out;
  out.reserve(static_cast<size_t>(frames.steps() * order_));
  for (int64_t t = 0; t < frames.steps(); ++t) {
    spectrum_.envelope({frames.values.data() + t * frames.width, static_cast<size_t>(frames.width)}, envelope);
    std::ranges::fill(power, 0.0f);
    for (size_t k = 0; k < bins; ++k) power[2 * k] = envelope[k] * envelope[k] * emphasis_[k];
    fft_.inverse(power, correlation);
    for (size_t i = 0; i < lags.size(); ++i) {
      const auto lag = static_cast<double>(i);
      lags[i] = double{correlation[i]} * (1 - kLagWindow * lag * lag);
    }
    lags[0] = lags[0] * (1 + kNoise) + kFloor;
    const std::vector<float> own = levinson_durbin(lags);
    out.insert(out.end(), own.begin(), own.end());
  }
  return out;
}

}  // namespace recur
