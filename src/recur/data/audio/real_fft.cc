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

void RealFft::power(std::span<float> x, std::span<float> out) const {
  // Pass 1: pairs of neighbours as complex numbers z, in bit-reversed order.
  const int64_t half = n_ / 2;
  for (int64_t i = 0; i < half; ++i) {
    const int64_t j = order_[i];
    if (i >= j) continue;
    std::swap(x[2 * i], x[2 * j]);
    std::swap(x[2 * i + 1], x[2 * j + 1]);
  }
  // Pass 2: their transform Z, in place.
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
  // Pass 3: X_k = E_k + exp(-2 pi i k / n) O_k, with E and O, of the even and odd numbers, the parts of Z_k that are
  // and are not symmetric.
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
