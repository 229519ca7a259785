#include "recur/data/images/picture_augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

#include "recur/base/moments.h"

namespace recur {
namespace {

constexpr double kMostShift = 0.1;   // of the side
constexpr double kMostRotated = 10;  // degrees
constexpr float kPixelNoise = 0.02f, kLight = 0.2f;

// A picture moved by (dy, dx), turned by `angle` about its middle and, if so, mirrored.
struct PictureMove {
  double dy = 0, dx = 0, angle = 0;
  bool mirror = false;

  bool moves() const { return dy != 0 || dx != 0 || angle != 0 || mirror; }
};

// Bilinear between four pixels.
void move_picture(std::span<float> picture, const PictureSize& size, const PictureMove& move) {
  const std::vector<float> from(picture.begin(), picture.end());
  const int64_t H = size.height, W = size.width, C = size.channels;
  const double c = std::cos(move.angle), s = std::sin(move.angle);
  const double my = static_cast<double>(H - 1) / 2, mx = static_cast<double>(W - 1) / 2;
  for (int64_t y = 0; y < H; ++y) {
    for (int64_t x = 0; x < W; ++x) {
      const double ry = static_cast<double>(y) - my - move.dy;
      const double rx = (static_cast<double>(x) - mx) * (move.mirror ? -1 : 1) - move.dx;
      const double sy = std::clamp(my + c * ry - s * rx, 0.0, static_cast<double>(H - 1));
      const double sx = std::clamp(mx + s * ry + c * rx, 0.0, static_cast<double>(W - 1));
      const auto y0 = static_cast<int64_t>(sy), x0 = static_cast<int64_t>(sx);
      const int64_t y1 = std::min(y0 + 1, H - 1), x1 = std::min(x0 + 1, W - 1);
      const auto fy = static_cast<float>(sy - static_cast<double>(y0)),
                 fx = static_cast<float>(sx - static_cast<double>(x0));
      for (int64_t k = 0; k < C; ++k) {
        const auto at = [&](int64_t row, int64_t column) {
          return from[static_cast<size_t>((row * W + column) * C + k)];
        };
        picture[static_cast<size_t>((y * W + x) * C + k)] =
            (1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x1)) + fy * ((1 - fx) * at(y1, x0) + fx * at(y1, x1));
      }
    }
  }
}

double quarter_turns(const PictureSize& size, Random& random) {
  const uint64_t quarters = size.height == size.width ? 1 + random.below(3) : 2;
  return static_cast<double>(quarters) * std::numbers::pi / 2;
}

void change_light(std::span<float> pictures, Random& random) {
  const Moments moments = moments_of(pictures);
  const auto add = static_cast<float>(double{kLight} * moments.deviation) * random.normal();
  const float factor = 1 + kLight * random.normal();
  const auto middle = static_cast<float>(moments.mean);
  for (float& value : pictures) value = middle + add + factor * (value - middle);
}

}  // namespace

void change_pictures(std::span<float> pictures, const PictureSize& size, std::span<const std::string> kinds,
                     Random& random) {
  const auto drawn = [&](std::string_view kind) {
    return std::ranges::count(kinds, kind) > 0 && random.bernoulli(0.5);
  };
  const auto between = [&](double most) { return (2 * random.uniform64() - 1) * most; };
  PictureMove move;
  if (drawn("shift")) {
    move.dy = between(kMostShift * static_cast<double>(size.height));
    move.dx = between(kMostShift * static_cast<double>(size.width));
  }
  if (drawn("rotate")) move.angle = between(kMostRotated * std::numbers::pi / 180);
  if (drawn("turn")) move.angle += quarter_turns(size, random);
  move.mirror = drawn("mirror");
  const auto numbers = static_cast<size_t>(size.numbers());
  for (size_t at = 0; move.moves() && at + numbers <= pictures.size(); at += numbers) {
    move_picture(pictures.subspan(at, numbers), size, move);
  }
  if (drawn("light")) change_light(pictures, random);
  if (drawn("jitter")) {
    for (float& value : pictures) value += kPixelNoise * random.normal();
  }
}

}  // namespace recur
