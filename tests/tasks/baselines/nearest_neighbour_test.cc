#include "recur/tasks/baselines/nearest_neighbour.h"

#include <gtest/gtest.h>

#include "recur/tasks/baselines/packed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using Values = std::vector<float>;

NearestNeighbour of(int64_t features, const std::vector<Values>& series) {
  NearestNeighbour nearest(features);
  float answer = 0;
  for (const Values& each : series) nearest.add(each, answer++);
  return nearest;
}

// Squared distances to 0 0 0 0: 4, 3 and 25.
TEST(NearestNeighbour, ByDistance) {
  const NearestNeighbour nearest = of(1, {{1, 1, 1, 1}, {1, 1, 1, 0}, {5, 0, 0, 0}});
  EXPECT_EQ(nearest.by_distance(Values{0, 0, 0, 0}), 1);
  EXPECT_EQ(nearest.by_distance(Values{4, 0, 0, 0}), 2);
}

TEST(NearestNeighbour, OfSeveralTheFirst) { EXPECT_EQ(of(1, {{1, 0}, {0, 1}}).by_distance(Values{0, 0}), 0); }

TEST(NearestNeighbour, AShorterSeriesGoesOnWithZeros) {
  const NearestNeighbour nearest = of(1, {{1, 3}, {1.5}});
  EXPECT_EQ(nearest.by_distance(Values{1}), 1);
  EXPECT_EQ(nearest.by_distance(Values{1, 2}), 0);
}

// A peak that comes a step late is the same peak to warping, and two different values to the distance of steps.
TEST(NearestNeighbour, WarpingForgivesAShift) {
  const NearestNeighbour nearest = of(1, {{0, 0, 3, 0, 0, 0}, {0, 0, 0, 0, 0, 0}});
  EXPECT_EQ(nearest.by_distance(Values{0, 0, 0, 3, 0, 0}), 1);
  EXPECT_EQ(nearest.by_warping(Values{0, 0, 0, 3, 0, 0}), 0);
}

// Twelve steps have a band of one: a shift of two costs one step off the peak at least.
TEST(NearestNeighbour, TheBandHoldsWarping) {
  Values peak(12, 0), late(12, 0);
  peak[3] = late[6] = 3;
  EXPECT_EQ(of(1, {peak, Values(12, 0)}).by_warping(late), 1);
}

TEST(NearestNeighbour, StepsOfSeveralFeaturesStayTogether) {
  const NearestNeighbour nearest = of(2, {{1, 0, 1, 0}, {0, 1, 0, 1}});
  EXPECT_EQ(nearest.by_warping(Values{0, 2, 0, 2, 0, 2}), 1);
  EXPECT_EQ(nearest.by_distance(Values{2, 0}), 0);
}

TEST(NearestNeighbour, TextBecomesTheSame) {
  const NearestNeighbour nearest = of(1, {{0.5f, -2.25f}, {}, {1000, 3}});
  const NearestNeighbour again = NearestNeighbour::from_text(nearest.to_text(), 1);
  EXPECT_EQ(again.size(), 3);
  EXPECT_EQ(again.to_text(), nearest.to_text());
  EXPECT_EQ(again.by_distance(Values{0.5f, -2}), 0);
}

TEST(NearestNeighbour, DamagedTextIsRefused) {
  const std::string text = pack(std::vector<uint64_t>{5, 0, 1});
  EXPECT_ERROR((NearestNeighbour::from_text(text, 1)), "nearest neighbour: the lengths of the series are damaged");
}

}  // namespace
}  // namespace recur
