#include "recur/tasks/synthesize/handwriting/move_density.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

PenMoves two_heaps(int count) {
  Random random(4);
  PenMoves out;
  for (int i = 0; i < count; ++i) {
    const bool far = i % 4 == 0;
    out.push_back({random.normal() + (far ? 20.0f : 0.0f), 2 * random.normal(), i % 5 == 0});
  }
  return out;
}

double mean_loss(const MoveDensity& density, const PenMoves& moves) {
  double sum = 0;
  for (const PenMove& move : moves) sum += density.loss(move);
  return sum / static_cast<double>(moves.size());
}

// The entropy of both Gaussians, of which it is and of the lift.
TEST(MoveDensity, OfTwoPartsFindsTwoHeaps) {
  const PenMoves moves = two_heaps(8000);
  const auto entropy = [](double p) { return -p * std::log(p) - (1 - p) * std::log(1 - p); };
  const double right = std::log(2 * std::numbers::pi) + 1 + std::log(2.0) + entropy(0.25) + entropy(0.2);
  EXPECT_NEAR(mean_loss(MoveDensity::fit(moves, 2), moves), right, 0.03);
  EXPECT_GT(mean_loss(MoveDensity::fit(moves, 1), moves), right + 1);
}

TEST(MoveDensity, OfEqualMovesIsFinite) {
  const PenMoves moves(5, {.x = 1, .y = 1, .lifts = false});
  EXPECT_TRUE(std::isfinite(mean_loss(MoveDensity::fit(moves, 4), moves)));
  const PenMoves still(5, PenMove{});
  EXPECT_TRUE(std::isfinite(mean_loss(MoveDensity::fit(still, 1), still)));
}

TEST(MoveDensity, IsReadAsItIsWritten) {
  const PenMoves moves = two_heaps(100);
  const MoveDensity density = MoveDensity::fit(moves, 3);
  EXPECT_DOUBLE_EQ(mean_loss(MoveDensity::read(density.text()), moves), mean_loss(density, moves));
}

TEST(MoveDensity, RefusesWhatIsNone) {
  EXPECT_ERROR(MoveDensity::read("no"), "expected a JSON object");
  EXPECT_ERROR(MoveDensity::read("{\"lifts\": 0.5, \"parts\": []}"), "parts: expected 1 ..");
  EXPECT_ERROR(MoveDensity::read("{\"lifts\": 2, \"parts\": [[1, 0, 0, 1, 0, 1]]}"), "lifts: expected a share");
  EXPECT_ERROR(MoveDensity::read("{\"lifts\": 0.5, \"parts\": [[1, 0, 0, 1, 2, 1]]}"), "covariance");
  EXPECT_ERROR(MoveDensity::read("{\"lifts\": 0.5, \"parts\": [[1, 0, 0, 1]]}"), "rows of 6 numbers");
}

}  // namespace
}  // namespace recur
