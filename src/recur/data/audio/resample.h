// Another sample rate for a sound.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// Band-limited interpolation (Smith and Gossett, "A flexible sampling-rate conversion method", 1984): each new sample
// is a product with a sinc, under a Kaiser window, that passes what both rates can hold. A filter for each phase
// that occurs is made once.
class Resampler {
 public:
  // Rates in samples a second, or their ratio in whole numbers; 1 .. 2^20 each. Throws Error.
  Resampler(int64_t from, int64_t to);

  // A sound of `from` -> the same at `to`, of ceil(n to / from) samples, the first at the same time. Zeros are taken to
  // lie around it.
  std::vector<float> operator()(std::span<const float> samples) const;

  int64_t length(int64_t samples) const { return (samples * up_ + down_ - 1) / down_; }

 private:
  friend class ResampleStream;
  // New sample i, of old ones that lie from number `first` on: zeros lie around them.
  float sample(int64_t i, std::span<const float> samples, int64_t first) const;
  int64_t last_seen(int64_t i) const { return i * down_ / up_ + half_; }  // by new sample i

  int64_t up_, down_;           // the rates, reduced
  int64_t half_;                // taps on each side
  std::vector<float> filters_;  // [up, 2 half]
};

// The same of a sound that is still arriving; however it is cut, the samples are those of the whole.
class ResampleStream {
 public:
  ResampleStream(int64_t from, int64_t to) : resampler_(from, to) {}

  // The next samples -> what is known now.
  std::vector<float> take(std::span<const float> samples);
  // Behind the last sample: the rest.
  std::vector<float> finish();

 private:
  Resampler resampler_;
  std::vector<float> kept_;
  int64_t first_ = 0, given_ = 0;  // number of the first kept sample; new samples so far
};

// The sound said faster (factor > 1) or more slowly, its pitch moving along: Ko et al., "Audio augmentation for speech
// recognition", 2015. Factors are taken in hundredths, 0.5 .. 2; throws Error.
std::vector<float> at_speed(std::span<const float> samples, double factor);

}  // namespace recur
