#include "examples/support/moving_frames.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace examples {
namespace {

Mover random_mover(const Glyphs& glyphs, const MovingOptions& options, recur::Random& random) {
  Mover mover;
  mover.limit = {static_cast<double>(options.side - glyphs.height), static_cast<double>(options.side - glyphs.width)};
  for (size_t axis = 0; axis < 2; ++axis) mover.position[axis] = mover.limit[axis] * random.uniform64();
  const double speed = options.slowest + (options.fastest - options.slowest) * random.uniform64();
  const double direction = 2 * std::numbers::pi * random.uniform64();
  mover.velocity = {speed * std::sin(direction), speed * std::cos(direction)};
  return mover;
}

// The glyph with its upper left corner at the pixel nearest to the mover.
void stamp(const Glyphs& glyphs, const uint8_t* glyph, const Mover& at, int64_t side, float* frame) {
  const int64_t top = std::lround(at.position[0]), left = std::lround(at.position[1]);
  for (int64_t y = 0; y < glyphs.height; ++y) {
    for (int64_t x = 0; x < glyphs.width; ++x) {
      float& pixel = frame[(top + y) * side + left + x];
      pixel = std::max(pixel, static_cast<float>(glyph[y * glyphs.width + x]) / 255);
    }
  }
}

}  // namespace

void Mover::step() {
  for (size_t axis = 0; axis < 2; ++axis) {
    double& at = position[axis];
    at += velocity[axis];
    if (at >= 0 && at <= limit[axis]) continue;
    at = at < 0 ? -at : 2 * limit[axis] - at;
    velocity[axis] = -velocity[axis];
  }
}

recur::Tensor moving_frames(const Glyphs& glyphs, const MovingOptions& options, int64_t batch, recur::Random& random) {
  const int64_t pixels = options.side * options.side;
  recur::Tensor frames = recur::Tensor::zeros({options.steps, batch, pixels});
  float* to = frames.data<float>();
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t k = 0; k < options.digits; ++k) {
      const auto which = static_cast<int64_t>(random.below(static_cast<uint64_t>(glyphs.count())));
      Mover mover = random_mover(glyphs, options, random);
      for (int64_t t = 0; t < options.steps; ++t, mover.step()) {
        stamp(glyphs, glyphs.of(which), mover, options.side, to + (t * batch + b) * pixels);
      }
    }
  }
  return frames;
}

}  // namespace examples
