#include "recur/tasks/metrics/image_quality.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace recur {
namespace {

// Sums over windows of a plane, from the sums over all that is above and left of a place.
class WindowSums {
 public:
  template <class Value>
  WindowSums(int64_t height, int64_t width, Value&& value)
      : width_(width + 1), sums_(static_cast<size_t>((height + 1) * (width + 1))) {
    for (int64_t y = 0; y < height; ++y) {
      double row = 0;
      for (int64_t x = 0; x < width; ++x) {
        row += value(y * width + x);
        sums_[at(y + 1, x + 1)] = sums_[at(y, x + 1)] + row;
      }
    }
  }
  double operator()(int64_t y, int64_t x, int64_t side) const {
    return sums_[at(y + side, x + side)] - sums_[at(y, x + side)] - sums_[at(y + side, x)] + sums_[at(y, x)];
  }

 private:
  size_t at(int64_t y, int64_t x) const { return static_cast<size_t>(y * width_ + x); }

  int64_t width_;
  std::vector<double> sums_;
};

// The sum over the whole windows of one plane.
double similarity_of_plane(const float* a, const float* b, int64_t height, int64_t width, int64_t side) {
  constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;
  // Around the middle, so that little is lost where variances are small.
  const auto left = [a](int64_t i) { return static_cast<double>(a[i]) - 0.5; };
  const auto right = [b](int64_t i) { return static_cast<double>(b[i]) - 0.5; };
  const WindowSums of_a(height, width, left), of_b(height, width, right);
  const WindowSums of_aa(height, width, [&](int64_t i) { return left(i) * left(i); });
  const WindowSums of_bb(height, width, [&](int64_t i) { return right(i) * right(i); });
  const WindowSums of_ab(height, width, [&](int64_t i) { return left(i) * right(i); });
  const auto n = static_cast<double>(side * side);
  const double sample = side > 1 ? n / (n - 1) : 1;
  double total = 0;
  for (int64_t y = 0; y + side <= height; ++y) {
    for (int64_t x = 0; x + side <= width; ++x) {
      const double ma = of_a(y, x, side) / n, mb = of_b(y, x, side) / n;
      const double va = sample * (of_aa(y, x, side) / n - ma * ma), vb = sample * (of_bb(y, x, side) / n - mb * mb);
      const double covariance = sample * (of_ab(y, x, side) / n - ma * mb);
      const double mean_a = ma + 0.5, mean_b = mb + 0.5;
      total += (2 * mean_a * mean_b + kC1) * (2 * covariance + kC2) /
               ((mean_a * mean_a + mean_b * mean_b + kC1) * (va + vb + kC2));
    }
  }
  return total;
}

}  // namespace

double mean_squared_error(std::span<const float> a, std::span<const float> b) {
  assert(a.size() == b.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return a.empty() ? 0 : sum / static_cast<double>(a.size());
}

double peak_signal_to_noise(double mean_squared_error) {
  constexpr double kLeast = 1e-10;
  return -10 * std::log10(std::max(mean_squared_error, kLeast));
}

double structural_similarity(std::span<const float> a, std::span<const float> b, const PlaneShape& shape) {
  assert(std::ssize(a) == shape.size() && a.size() == b.size());
  constexpr int64_t kSide = 7;
  const int64_t least = std::min(shape.height, shape.width), side = std::min(kSide, least - 1 + least % 2);
  double total = 0;
  for (int64_t c = 0; c < shape.channels; ++c) {
    const int64_t from = c * shape.height * shape.width;
    total += similarity_of_plane(a.data() + from, b.data() + from, shape.height, shape.width, side);
  }
  return total / static_cast<double>(shape.channels * (shape.height - side + 1) * (shape.width - side + 1));
}

std::vector<float> median_filter(std::span<const float> x, const PlaneShape& shape) {
  std::vector<float> out;
  out.reserve(x.size());
  for (int64_t c = 0; c < shape.channels; ++c) {
    const float* plane = x.data() + c * shape.height * shape.width;
    for (int64_t row = 0; row < shape.height; ++row) {
      for (int64_t column = 0; column < shape.width; ++column) {
        std::array<float, 9> around{};
        for (int64_t i = 0; i < 9; ++i) {
          const int64_t y = std::clamp<int64_t>(row + i / 3 - 1, 0, shape.height - 1);
          const int64_t z = std::clamp<int64_t>(column + i % 3 - 1, 0, shape.width - 1);
          around[static_cast<size_t>(i)] = plane[y * shape.width + z];
        }
        std::nth_element(around.begin(), around.begin() + 4, around.end());
        out.push_back(around[4]);
      }
    }
  }
  return out;
}

}  // namespace recur
