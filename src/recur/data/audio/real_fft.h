// The discrete Fourier transform of real numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// Of n numbers, n a power of two from 2 on: the window of a spectrogram is filled up to one. Radix 2, n / 2 complex
// numbers at a time (Cooley and Tukey 1965). Const: any number of threads may use one.
class RealFft {
 public:
  explicit RealFft(int64_t n);  // throws Error

  int64_t size() const { return n_; }

  // |X_k|^2 for k = 0 .. n/2, X_k = sum_t x_t exp(-2 pi i k t / n). `x` [n] is used as scratch.
  void power(std::span<float> x, std::span<float> out) const;
  // X_k itself, real and imaginary parts in turn: out [n + 2]. `x` [n] is used as scratch.
  void forward(std::span<float> x, std::span<float> out) const;
  // Back: in [n + 2], as forward() gives it, -> x [n]. The imaginary parts of X_0 and X_(n/2) do not count.
  void inverse(std::span<const float> in, std::span<float> x) const;

 private:
  void transform_pairs(std::span<float> x) const;

  int64_t n_;
  std::vector<int32_t> order_;    // bit-reversed places of n / 2 numbers
  std::vector<float> cos_, sin_;  // of 2 pi k / n, k < n / 2
};

}  // namespace recur
