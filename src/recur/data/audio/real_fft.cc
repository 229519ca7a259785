#include "recur/data/audio/real_fft.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "recur/base/error.h"

namespace recur {

RealFft::RealFft(int64_t n) : n_(n) {
  constexpr int64_t kMost = 1 << 24;
  if (n < 2 || n > kMost || !std::has_single_bit(static_cast<uint64_t>(n))) {
    fail("Fourier transform: expected a power of two up to {}, got {}", kMost, n);
  }
  const int64_t half = n / 2;
  order_.assign(static_cast<size_t>(half), 0);
  for (int64_t i = 1; i < half; ++i) {
    order_[i] = static_cast<int32_t>((order_[i / 2] / 2) + (i % 2 == 1 ? half / 2 : 0));
  }
  for (int64_t k = 0; k < half; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    cos_.push_back(static_cast<float>(std::cos(angle)));
    sin_.push_back(static_cast<float>(std::sin(angle)));
  }
}

// n / 2 complex numbers, real and imaginary parts in turn, become their transform, in place.
void RealFft::transform_pairs(std::span<float> x) const {
  // Pass 1: bit-reversed order.
  const int64_t half = n_ / 2;
  for (int64_t i = 0; i < half; ++i) {
    const int64_t j = order_[i];
    if (i >= j) continue;
    std::swap(x[2 * i], x[2 * j]);
    std::swap(x[2 * i + 1], x[2 * j + 1]);
  }
  // Pass 2: transforms of 2, 4, ... numbers.
  for (int64_t size = 2; size <= half; size *= 2) {
    const int64_t step = n_ / size;  // of the table of angles
    for (int64_t begin = 0; begin < half; begin += size) {
      for (int64_t k = 0; k < size / 2; ++k) {
        const float c = cos_[k * step], s = -sin_[k * step];
        float* a = x.data() + 2 * (begin + k);
        float* b = a + size;
        const float re = b[0] * c - b[1] * s, im = b[0] * s + b[1] * c;
        b[0] = a[0] - re;
        b[1] = a[1] - im;
        a[0] += re;
        a[1] += im;
      }
    }
  }
}

// The numbers are taken as pairs of neighbours. With Z the pairs' transform, X_k = E_k + exp(-2 pi i k / n) O_k, where
// E and O, of the even and odd numbers, are the parts of Z_k that are and are not symmetric.
void RealFft::forward(std::span<float> x, std::span<float> out) const {
  const int64_t half = n_ / 2;
  transform_pairs(x);
  out[0] = x[0] + x[1];
  out[static_cast<size_t>(n_)] = x[0] - x[1];
  out[1] = out[static_cast<size_t>(n_) + 1] = 0;
  for (int64_t k = 1; k < half; ++k) {
    const float *p = x.data() + 2 * k, *q = x.data() + 2 * (half - k);
    const float even_re = (p[0] + q[0]) / 2, even_im = (p[1] - q[1]) / 2;
    const float odd_re = (p[1] + q[1]) / 2, odd_im = (q[0] - p[0]) / 2;
    const float c = cos_[k], s = -sin_[k];
    out[2 * k] = even_re + odd_re * c - odd_im * s;
    out[2 * k + 1] = even_im + odd_re * s + odd_im * c;
  }
}

// The same backwards: Z_k = E_k + i O_k, and the pairs are the conjugate of the transform of conj(Z), over n / 2.
void RealFft::inverse(std::span<const float> in, std::span<float> x) const {
  const int64_t half = n_ / 2;
  for (int64_t k = 0; k < half; ++k) {
    const float *p = in.data() + 2 * k, *q = in.data() + 2 * (half - k);
    const float p_im = k == 0 ? 0 : p[1], q_im = k == 0 ? 0 : q[1];
    const float even_re = (p[0] + q[0]) / 2, even_im = (p_im - q_im) / 2;
    const float turned_re = (p[0] - q[0]) / 2, turned_im = (p_im + q_im) / 2;
    const float c = cos_[k], s = sin_[k];
    const float odd_re = turned_re * c - turned_im * s, odd_im = turned_re * s + turned_im * c;
    x[2 * k] = even_re - odd_im;
    x[2 * k + 1] = -(even_im + odd_re);
  }
  transform_pairs(x.first(static_cast<size_t>(n_)));
  const float scale = 1 / static_cast<float>(half);
  for (int64_t k = 0; k < half; ++k) {
    x[2 * k] *= scale;
    x[2 * k + 1] *= -scale;
  }
}

void RealFft::power(std::span<float> x, std::span<float> out) const {
  const int64_t half = n_ / 2;
  transform_pairs(x);
  const auto square = [](float re, float im) { return re * re + im * im; };
  out[0] = square(x[0] + x[1], 0);
  out[static_cast<size_t>(half)] = square(x[0] - x[1], 0);
  for (int64_t k = 1; k < half; ++k) {
    const float *p = x.data() + 2 * k, *q = x.data() + 2 * (half - k);
    const float even_re = (p[0] + q[0]) / 2, even_im = (p[1] - q[1]) / 2;
    const float odd_re = (p[1] + q[1]) / 2, odd_im = (q[0] - p[0]) / 2;
    const float c = cos_[k], s = -sin_[k];
    out[k] = square(even_re + odd_re * c - odd_im * s, even_im + odd_re * s + odd_im * c);
  }
}

}  // namespace recur
