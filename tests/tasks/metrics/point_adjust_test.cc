#include "recur/tasks/metrics/point_adjust.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur {
namespace {

using Flags = std::vector<uint8_t>;

TEST(PointAdjusted, AFoundStepFindsItsWholeRun) {
  const BinaryCounts counts = point_adjusted(Flags{0, 1, 1, 1, 0, 1, 1}, Flags{1, 0, 1, 0, 0, 0, 0});
  EXPECT_EQ(counts.hits, 3);
  EXPECT_EQ(counts.misses, 2);
  EXPECT_EQ(counts.false_alarms, 1);
}

TEST(PointAdjusted, RunsMayReachTheEnds) {
  EXPECT_EQ(point_adjusted(Flags{1, 1, 0, 1}, Flags{1, 0, 0, 1}).hits, 3);
  EXPECT_EQ(point_adjusted(Flags{1, 1}, Flags{0, 0}).misses, 2);
  EXPECT_FALSE(point_adjusted(Flags{}, Flags{}).seen());
}

TEST(PointAdjusted, IsNeverBelowThePlainFigure) {
  for (unsigned actual = 0; actual < 64; ++actual) {
    for (unsigned predicted = 0; predicted < 64; ++predicted) {
      Flags a, p;
      BinaryCounts plain;
      for (int bit = 0; bit < 6; ++bit) {
        a.push_back(actual >> bit & 1);
        p.push_back(predicted >> bit & 1);
        plain.add(a.back() != 0, p.back() != 0);
      }
      EXPECT_GE(point_adjusted(a, p).f1(), plain.f1());
    }
  }
}

}  // namespace
}  // namespace recur
