#include "examples/support/moving_frames.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/throws.h"

namespace examples {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// One white pixel at each corner of 5 x 5, so that a frame shows where the glyph is.
Glyphs corners() {
  Glyphs glyphs{.height = 5, .width = 5, .values = std::vector<uint8_t>(25)};
  for (const size_t at : {0, 4, 20, 24}) glyphs.values[at] = 255;
  return glyphs;
}

TEST(MovingFrames, APointMovesAtConstantSpeedAndBounces) {
  Mover mover{.position = {8, 1}, .velocity = {3, -2.5}, .limit = {10, 10}};
  mover.step();
  EXPECT_THAT(mover.position, ElementsAre(9, 1.5));
  EXPECT_THAT(mover.velocity, ElementsAre(-3, 2.5));
  mover.step();
  EXPECT_THAT(mover.position, ElementsAre(6, 4));
}

TEST(MovingFrames, ItStaysInsideForAnySpeedUpToItsRoom) {
  Mover mover{.position = {0, 7}, .velocity = {4.9, -3.3}, .limit = {5, 7}};
  for (int k = 0; k < 1000; ++k) {
    mover.step();
    for (size_t axis = 0; axis < 2; ++axis) {
      EXPECT_GE(mover.position[axis], 0);
      EXPECT_LE(mover.position[axis], mover.limit[axis]);
    }
    EXPECT_EQ(std::abs(mover.velocity[0]), 4.9);
    EXPECT_EQ(std::abs(mover.velocity[1]), 3.3);
  }
}

TEST(MovingFrames, EveryFrameHoldsAllOfADigitAndItMovesAsFastAsAsked) {
  recur::Random random(1);
  const recur::Tensor frames = moving_frames(corners(), {.side = 24, .digits = 1, .steps = 30}, 3, random);
  EXPECT_EQ(frames.shape(), (recur::Shape{30, 3, 24 * 24}));
  for (int64_t b = 0; b < 3; ++b) {
    double top = 0, left = 0;
    for (int64_t t = 0; t < 30; ++t) {
      const float* frame = frames.data<float>() + (t * 3 + b) * 24 * 24;
      std::vector<int64_t> white;
      for (int64_t i = 0; i < 24 * 24; ++i) {
        if (frame[i] == 1) white.push_back(i);
      }
      ASSERT_EQ(white.size(), 4u);
      const int64_t first = white[0];
      EXPECT_THAT(white, ElementsAre(first, first + 4, first + 4 * 24, first + 4 * 24 + 4));
      const auto y = static_cast<double>(first / 24), x = static_cast<double>(first % 24);
      // Of 3 to 5 pixels, each axis rounded; less where it bounces.
      const double moved = t == 0 ? 4 : std::hypot(y - top, x - left);
      EXPECT_LE(moved, 5 + std::sqrt(2)) << t;
      const bool may_bounce = std::min(y, x) < 6 || std::max(y, x) > 13;
      EXPECT_GE(moved, may_bounce ? 0 : 3 - std::sqrt(2)) << t;
      top = y;
      left = x;
    }
  }
}

TEST(MovingFrames, TheSameSeedGivesTheSameFramesAndOverlapsStayWithinWhite) {
  recur::Random glyphs_random(2), first(3), second(3), other(4);
  const Glyphs glyphs = draw_glyphs(10, glyphs_random);
  const recur::Tensor frames = moving_frames(glyphs, {}, 2, first);
  const auto values = frames.values<float>();
  EXPECT_TRUE(std::ranges::equal(values, moving_frames(glyphs, {}, 2, second).values<float>()));
  EXPECT_FALSE(std::ranges::equal(values, moving_frames(glyphs, {}, 2, other).values<float>()));
  EXPECT_THAT(values, Each(::testing::AllOf(::testing::Ge(0), ::testing::Le(1))));
}

}  // namespace
}  // namespace examples
