#include "recur/tasks/denoise/moving_filters.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

Planes two_rows() { return {.shape = {2, 1, 5}, .values = {1, 5, 3, 9, 2, 10, 20, 60, 40, 50}}; }

TEST(MovingFilters, AreOfEachRowAndShorterAtItsEnds) {
  EXPECT_EQ(moving_average(two_rows(), 3), (std::vector<float>{3, 3, 17.0f / 3, 14.0f / 3, 5.5f, 15, 30, 40, 50, 45}));
  EXPECT_EQ(moving_median(two_rows(), 3), (std::vector<float>{3, 3, 5, 3, 5.5f, 15, 20, 40, 50, 45}));
  EXPECT_EQ(moving_median(two_rows(), 1), two_rows().values);
  EXPECT_EQ(moving_average(two_rows(), 129)[0], 4);
}

// Waves with white noise, or with impulses.
PieceSource noisy_waves(bool impulses) {
  return {.size = 3,
          .load =
              [impulses](int64_t i) {
                Random random(static_cast<uint64_t>(i) + 1);
                NoisyPiece piece{.noisy = {.shape = {1, 1, 400}, .values = {}}, .wanted = {}};
                for (int t = 0; t < 400; ++t) {
                  const auto clean = std::sin(static_cast<float>(t) / 20);
                  const double drawn = random.uniform64();
                  piece.wanted.values.push_back(clean);
                  piece.noisy.values.push_back(impulses && drawn < 0.1 ? 5.0f : clean);
                  if (!impulses) piece.noisy.values.back() += static_cast<float>(drawn) - 0.5f;
                }
                piece.wanted.shape = piece.noisy.shape;
                piece.weights.assign(400, 1.0f);
                return piece;
              },
          .name = [](int64_t) { return std::string(); }};
}

TEST(MovingFilters, NoOtherWidthIsBetterThanTheBest) {
  for (const bool impulses : {false, true}) {
    const PieceSource pieces = noisy_waves(impulses);
    const auto error = [&](const auto& filter, int64_t width) {
      double sum = 0;
      for (int64_t i = 0; i < pieces.size; ++i) {
        const NoisyPiece piece = pieces.load(i);
        sum += error_at(piece.weights, filter(piece.noisy, width), piece.wanted.values);
      }
      return sum;
    };
    const FilterWidths best = best_widths(pieces);
    for (int64_t width = 3; width <= 129; width = 2 * width - 1) {
      EXPECT_LE(error(moving_median, best.median), error(moving_median, width) + 1e-12);
      EXPECT_LE(error(moving_average, best.average), error(moving_average, width) + 1e-12);
    }
    EXPECT_GT(best.average, 3);
    EXPECT_LT(best.average, 129);
    EXPECT_EQ(impulses, error(moving_median, best.median) < error(moving_average, best.average));
  }
}

TEST(FilterWidths, ComeBackFromTextThatIsRight) {
  const FilterWidths back = FilterWidths::from_text(FilterWidths{.median = 9, .average = 17}.to_text());
  EXPECT_EQ(back.median, 9);
  EXPECT_EQ(back.average, 17);
  EXPECT_ERROR(FilterWidths::from_text("3"), "");
  EXPECT_ERROR(FilterWidths::from_text(R"({"median":4,"average":3})"), "expected odd widths of 1 .. 129, got 4");
  EXPECT_ERROR(FilterWidths::from_text(R"({"median":3,"average":100001})"), "got 100001");
}

}  // namespace
}  // namespace recur
