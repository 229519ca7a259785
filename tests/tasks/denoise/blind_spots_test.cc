#include "recur/tasks/denoise/blind_spots.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

namespace recur {
namespace {

// Every value is another: 1, 2, 3, ...
Planes numbered(const PlaneShape& shape) {
  Planes out{.shape = shape, .values = std::vector<float>(static_cast<size_t>(shape.size()))};
  for (size_t i = 0; i < out.values.size(); ++i) out.values[i] = static_cast<float>(i + 1);
  return out;
}

TEST(BlindPiece, LeavesNoHiddenValueAnywhere) {
  Random random(1);
  for (const int64_t channels : {1, 3}) {
    for (int64_t height = 1; height <= 18; ++height) {
      for (const int64_t width : {1, 2, 3, 8, 9, 17, 130}) {
        if (height * width == 1) continue;
        const Planes from = numbered({channels, height, width});
        const NoisyPiece spots = blind_piece(from, random);
        const std::set<float> seen(spots.noisy.values.begin(), spots.noisy.values.end());
        const auto hidden = std::ranges::count(spots.weights, 1.0f);
        EXPECT_GE(hidden, channels);
        EXPECT_EQ(hidden + std::ranges::count(spots.weights, 0.0f), std::ssize(from.values));
        for (size_t i = 0; i < from.values.size(); ++i) {
          if (spots.weights[i] == 1) {
            EXPECT_FALSE(seen.contains(from.values[i])) << height << " x " << width;
          } else {
            EXPECT_EQ(spots.noisy.values[i], from.values[i]);
          }
        }
      }
    }
  }
}

TEST(BlindPiece, ShowsANeighbourOfAllChannelsAlike) {
  Random random(2);
  const PlaneShape shape{.channels = 3, .height = 24, .width = 32};
  const Planes from = numbered(shape);
  const int64_t plane = shape.height * shape.width;
  std::set<int64_t> ways;
  for (int round = 0; round < 20; ++round) {
    const NoisyPiece spots = blind_piece(from, random);
    EXPECT_EQ(std::ranges::count(spots.weights, 1.0f), 3 * 48);  // a pixel of each 4 x 4
    for (int64_t i = 0; i < plane; ++i) {
      if (spots.weights[static_cast<size_t>(i)] == 0) continue;
      const int64_t other = static_cast<int64_t>(spots.noisy.values[static_cast<size_t>(i)]) - 1;
      EXPECT_LE(std::abs(other / shape.width - i / shape.width), 2);
      EXPECT_LE(std::abs(other % shape.width - i % shape.width), 2);
      ways.insert((other / shape.width - i / shape.width) * 5 + other % shape.width - i % shape.width);
      for (int64_t c = 1; c < 3; ++c) {
        EXPECT_EQ(spots.weights[static_cast<size_t>(c * plane + i)], 1);
        EXPECT_EQ(spots.noisy.values[static_cast<size_t>(c * plane + i)], static_cast<float>(c * plane + other + 1));
      }
    }
  }
  EXPECT_EQ(ways.size(), 24u);  // every neighbour is taken at times, the pixel itself never
  EXPECT_FALSE(ways.contains(0));
}

TEST(BlindPiece, OfARowOneInSixteen) {
  Random random(3);
  EXPECT_EQ(std::ranges::count(blind_piece(numbered({1, 1, 640}), random).weights, 1.0f), 40);
}

TEST(BlindPiece, OfOnePixelNothing) {
  Random random(4);
  const NoisyPiece spots = blind_piece(numbered({2, 1, 1}), random);
  EXPECT_EQ(spots.weights, std::vector<float>(2, 0.0f));
  EXPECT_EQ(spots.noisy.values, (std::vector<float>{1, 2}));
}

TEST(BlindPiece, BridgesMissingValuesWithoutTheHiddenOnes) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    // Of every two values one is missing, between values that tell where they came from.
    Planes from = numbered({1, 1, 40});
    for (size_t i = 0; i < from.values.size(); ++i)
      from.values[i] = i % 2 == 1 ? none : std::ldexp(1.0f, static_cast<int>(i / 2));
    const NoisyPiece piece = blind_piece(from, random);
    std::set<float> hidden;
    for (size_t i = 0; i < from.values.size(); ++i) {
      EXPECT_FALSE(std::isnan(piece.noisy.values[i]));
      EXPECT_FALSE(std::isnan(piece.wanted.values[i]));
      if (piece.weights[i] == 0) continue;
      EXPECT_EQ(i % 2, 0u);  // one that is known
      hidden.insert(from.values[i]);
    }
    for (const float value : piece.noisy.values) EXPECT_FALSE(hidden.contains(value));
  }
}

}  // namespace
}  // namespace recur
