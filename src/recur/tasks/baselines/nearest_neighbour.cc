#include "recur/tasks/baselines/nearest_neighbour.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/tasks/baselines/packed.h"

namespace recur {
namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();
constexpr float kFurthest = 128;
constexpr int64_t kBandShare = 10;  // the band is a tenth of the longer series

using Values = std::span<const float>;

float square_distance(const float* a, const float* b, int64_t features) {
  float sum = 0;
  for (int64_t f = 0; f < features; ++f) sum += (a[f] - b[f]) * (a[f] - b[f]);
  return sum;
}

float squares(Values values) {
  float sum = 0;
  for (const float value : values) sum += value * value;
  return sum;
}

// Infinite once it is beyond `least`.
float distance(Values a, Values b, float least) {
  constexpr size_t kBlock = 64;
  const size_t both = std::min(a.size(), b.size());
  float sum = squares(a.subspan(both)) + squares(b.subspan(both));
  for (size_t at = 0; at < both; at += kBlock) {
    const size_t end = std::min(at + kBlock, both);
    for (size_t i = at; i < end; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    if (sum > least) return kInfinite;
  }
  return sum;
}

int64_t band_of(int64_t a, int64_t b) { return std::max({std::max(a, b) / kBandShare, std::abs(a - b), int64_t{1}}); }

// Infinite once no path can be within `least`.
float warping(Values a, Values b, int64_t features, float least) {
  const int64_t T = std::ssize(a) / features, U = std::ssize(b) / features, band = band_of(T, U);
  if (T == 0 || U == 0) return squares(a) + squares(b);
  std::vector<float> before(static_cast<size_t>(U) + 1, kInfinite), now(before);
  before[0] = 0;
  for (int64_t t = 1; t <= T; ++t) {
    const int64_t first = std::max<int64_t>(t - band, 1), last = std::min(t + band, U);
    std::ranges::fill(now, kInfinite);
    float nearest = kInfinite;
    for (int64_t u = first; u <= last; ++u) {
      const float so_far = std::min({before[u - 1], before[u], now[u - 1]});
      now[u] = so_far + square_distance(&a[(t - 1) * features], &b[(u - 1) * features], features);
      nearest = std::min(nearest, now[u]);
    }
    if (nearest > least) return kInfinite;
    std::swap(before, now);
  }
  return before[U];
}

float rounded(float value) {
  return std::round(std::clamp(value, -kFurthest, kFurthest) / NearestNeighbour::kStep) * NearestNeighbour::kStep;
}

// Signed numbers with the small ones first: 0, -1, 1, -2, 2, ...
uint64_t zigzag(int64_t value) { return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63); }
int64_t unzigzag(uint64_t value) { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); }

}  // namespace

void NearestNeighbour::add(std::span<const float> values, float answer) {
  Series& series = series_.emplace_back();
  series.answer = answer;
  for (const float value : values) series.values.push_back(rounded(value));
}

template <class Distance>
float NearestNeighbour::nearest(std::span<const float> values, const Distance& distance_to) const {
  float least = kInfinite, answer = series_.empty() ? 0 : series_[0].answer;
  for (const Series& each : series_) {
    const float far = distance_to(values, each.values, least);
    if (far >= least) continue;
    least = far;
    answer = each.answer;
  }
  return answer;
}

float NearestNeighbour::by_distance(std::span<const float> values) const { return nearest(values, distance); }

float NearestNeighbour::by_warping(std::span<const float> values) const {
  return nearest(values, [this](Values a, Values b, float least) { return warping(a, b, features_, least); });
}

double NearestNeighbour::warping_cost(int64_t steps) const {
  double cost = 0;
  for (const Series& each : series_) {
    const int64_t own = std::ssize(each.values) / features_;
    cost += static_cast<double>(steps) * static_cast<double>(std::min(2 * band_of(steps, own) + 1, own)) *
            static_cast<double>(features_);
  }
  return cost;
}

// Each series: its steps, the bits of its answer, and its values in units of kStep.
std::string NearestNeighbour::to_text() const {
  std::vector<uint64_t> numbers;
  for (const Series& each : series_) {
    numbers.push_back(each.values.size() / static_cast<size_t>(features_));
    numbers.push_back(std::bit_cast<uint32_t>(each.answer));
    for (const float value : each.values) numbers.push_back(zigzag(std::lround(value / kStep)));
  }
  return pack(numbers);
}

NearestNeighbour NearestNeighbour::from_text(std::string_view text, int64_t features) {
  NearestNeighbour all(features);
  const std::vector<uint64_t> numbers = unpack(text);
  const auto width = static_cast<uint64_t>(features);
  for (size_t at = 0; at < numbers.size();) {
    const uint64_t left = numbers.size() - at;
    if (left < 2 || numbers[at] > (left - 2) / width || numbers[at + 1] > UINT32_MAX) {
      fail("nearest neighbour: the lengths of the series are damaged");
    }
    Series& series = all.series_.emplace_back();
    series.answer = std::bit_cast<float>(static_cast<uint32_t>(numbers[at + 1]));
    const uint64_t size = numbers[at] * width;
    at += 2;
    for (uint64_t i = 0; i < size; ++i) {
      series.values.push_back(static_cast<float>(unzigzag(numbers[at + i])) * kStep);
    }
    at += size;
  }
  return all;
}

}  // namespace recur
