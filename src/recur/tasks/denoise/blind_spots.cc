#include "recur/tasks/denoise/blind_spots.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace recur {
namespace {

constexpr int64_t kReach = 2;  // neighbours lie within 5 x 5

struct Pixel {
  int64_t y = 0, x = 0;
};

int64_t below(int64_t n, Random& random) { return static_cast<int64_t>(random.below(static_cast<uint64_t>(n))); }

// One pixel of each box, of those at the edges of what is there of them: the paper's stratified sampling.
std::vector<Pixel> one_of_each_box(const PlaneShape& shape, Random& random) {
  const int64_t high = shape.height == 1 ? 1 : 4, wide = shape.height == 1 ? 16 : 4;
  std::vector<Pixel> out;
  for (int64_t top = 0; top < shape.height; top += high) {
    for (int64_t left = 0; left < shape.width; left += wide) {
      const int64_t y = top + below(std::min(high, shape.height - top), random);
      out.push_back({y, left + below(std::min(wide, shape.width - left), random)});
    }
  }
  return out;
}

// The pixels around that are not hidden.
std::vector<Pixel> open_neighbours(const Pixel& at, const PlaneShape& shape, const std::vector<float>& hidden) {
  std::vector<Pixel> out;
  for (int64_t y = std::max<int64_t>(at.y - kReach, 0); y <= std::min(at.y + kReach, shape.height - 1); ++y) {
    for (int64_t x = std::max<int64_t>(at.x - kReach, 0); x <= std::min(at.x + kReach, shape.width - 1); ++x) {
      if (hidden[static_cast<size_t>(y * shape.width + x)] == 0) out.push_back({y, x});
    }
  }
  return out;
}

}  // namespace

NoisyPiece blind_piece(const Planes& from, Random& random) {
  const PlaneShape& shape = from.shape;
  std::vector<float> weights(from.values.size(), 0.0f);
  if (shape.height * shape.width < 2) return {.noisy = bridged(from), .wanted = bridged(from), .weights = weights};
  Planes shown = from;
  const std::vector<Pixel> hidden = one_of_each_box(shape, random);
  const auto index = [&](const Pixel& at, int64_t c) {
    return static_cast<size_t>((c * shape.height + at.y) * shape.width + at.x);
  };
  for (const Pixel& at : hidden) {
    for (int64_t c = 0; c < shape.channels; ++c) weights[index(at, c)] = 1;
  }
  for (const Pixel& at : hidden) {
    const std::vector<Pixel> around = open_neighbours(at, shape, weights);
    const Pixel& other = around[static_cast<size_t>(below(std::ssize(around), random))];
    for (int64_t c = 0; c < shape.channels; ++c) shown.values[index(at, c)] = from.values[index(other, c)];
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    if (std::isnan(from.values[i])) weights[i] = 0;
  }
  return {.noisy = bridged(std::move(shown)), .wanted = bridged(from), .weights = std::move(weights)};
}

}  // namespace recur
