#include "recur/tasks/classify/augment.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

constexpr double kNoise = 0.05, kScale = 0.1, kLeastPart = 0.8, kWindow = 0.1;
constexpr int64_t kLeastToBend = 10;  // of a series that may be cut and bent

// `count` places from `from` to `to`, both included.
void append_even(std::vector<double>& at, double from, double to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    at.push_back(count == 1 ? from : from + (to - from) * static_cast<double>(i) / static_cast<double>(count - 1));
  }
}

}  // namespace

EncodedSequence jittered(EncodedSequence series, int64_t channels, Random& random) {
  for (int64_t t = 0; t < series.steps; ++t) {
    for (int64_t c = 0; c < channels; ++c) {
      series.values[t * series.features + c] += static_cast<float>(kNoise) * random.normal();
    }
  }
  return series;
}

EncodedSequence rescaled(EncodedSequence series, int64_t channels, Random& random) {
  for (int64_t c = 0; c < channels; ++c) {
    const float scale = 1 + static_cast<float>(kScale) * random.normal();
    for (int64_t t = 0; t < series.steps; ++t) series.values[t * series.features + c] *= scale;
  }
  return series;
}

EncodedSequence resampled(const EncodedSequence& series, std::span<const double> at) {
  EncodedSequence out{.steps = std::ssize(at), .features = series.features};
  out.values.reserve(at.size() * static_cast<size_t>(series.features));
  for (const double place : at) {
    const int64_t before = std::clamp<int64_t>(static_cast<int64_t>(place), 0, series.steps - 1);
    const int64_t after = std::min(before + 1, series.steps - 1);
    const auto share = static_cast<float>(std::clamp(place - static_cast<double>(before), 0.0, 1.0));
    for (int64_t f = 0; f < series.features; ++f) {
      const float low = series.values[before * series.features + f], high = series.values[after * series.features + f];
      out.values.push_back(low + share * (high - low));
    }
  }
  return out;
}

EncodedSequence cropped(const EncodedSequence& series, Random& random) {
  const double all = static_cast<double>(series.steps - 1);
  const double part = all * (kLeastPart + (1 - kLeastPart) * random.uniform());
  const double begin = (all - part) * random.uniform();
  std::vector<double> at;
  append_even(at, begin, begin + part, series.steps);
  return resampled(series, at);
}

EncodedSequence warped(const EncodedSequence& series, Random& random) {
  const double all = static_cast<double>(series.steps - 1), window = all * kWindow;
  const double begin = (all - window) * random.uniform(), speed = random.bernoulli(0.5) ? 2 : 0.5;
  // The time that passes until the window, in it, and behind it, when it is read at that speed.
  const double inside = window / speed, whole = all - window + inside;
  std::vector<double> at;
  append_even(at, 0, whole, series.steps);
  for (double& place : at) {
    if (place <= begin) continue;
    place = place <= begin + inside ? begin + (place - begin) * speed : place - inside + window;
  }
  return resampled(series, at);
}

EncodedSequence augmented(const EncodedSequence& series, int64_t channels, const AugmentOptions& options,
                          Random& random) {
  EncodedSequence out = series;
  const auto drawn = [&](const char* kind) { return options.has(kind) && random.bernoulli(0.5); };
  const bool is_long = series.steps >= kLeastToBend;
  if (is_long && drawn("crop")) out = cropped(out, random);
  if (is_long && drawn("warp")) out = warped(out, random);
  if (drawn("scale")) out = rescaled(std::move(out), channels, random);
  if (drawn("jitter")) out = jittered(std::move(out), channels, random);
  return out;
}

// Joehnk's method: of two powers of uniform numbers whose sum is at most 1, the share of the first.
double mixup_share(Random& random) {
  constexpr double kAlpha = 0.2;
  while (true) {
    const double a = std::pow(random.uniform64(), 1 / kAlpha), b = std::pow(random.uniform64(), 1 / kAlpha);
    if (a + b > 0 && a + b <= 1) return a / (a + b);
  }
}

}  // namespace recur
