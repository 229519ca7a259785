// The short-time Fourier transform and its inverse.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/audio/real_fft.h"

namespace recur {

// Frame t of T = ceil(n / hop) is the transform of the samples around the middle of the t-th hop, under a Hann window,
// filled up with zeros to a power of two. Zeros lie around a sound. Const: any number of threads may use one.
class Stft {
 public:
  // In samples; 1 <= hop <= window / 2, so that every sample lies under windows that are not 0. Throws Error.
  Stft(int64_t window, int64_t hop);

  int64_t window() const { return window_; }
  int64_t hop() const { return hop_; }
  int64_t transform() const { return fft_.size(); }
  int64_t bins() const { return fft_.size() / 2 + 1; }  // K
  int64_t frames(int64_t samples) const { return (samples + hop_ - 1) / hop_; }
  double gain() const { return gain_; }  // the magnitude of a sine of amplitude 1 at its bin

  // n samples -> [T, K] complex numbers, real and imaginary parts in turn.
  std::vector<float> operator()(std::span<const float> samples) const;
  // The sound of T hops whose transform is nearest to `frames` [T, K], in the sense of least squares (Griffin and Lim
  // 1984): that of a sound gives it back.
  std::vector<float> inverse(std::span<const float> frames) const;

 private:
  int64_t first_sample(int64_t frame) const { return frame * hop_ + hop_ / 2 - window_ / 2; }

  int64_t window_, hop_;
  RealFft fft_;
  std::vector<float> shape_;
  double gain_ = 0;
};

}  // namespace recur
