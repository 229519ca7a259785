#include "recur/base/quantile.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur {
namespace {

TEST(Quantile, LiesBetweenNeighbours) {
  const std::vector<double> sorted{1, 2, 4, 8};
  const std::span<const double> values(sorted);
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 1), 8);
  EXPECT_EQ(quantile(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 4 + 0.7 * 4);
}

TEST(Quantile, OfOneValueIsThatValue) {
  const std::vector<float> one{5};
  for (const double share : {0.0, 0.3, 1.0}) EXPECT_EQ(quantile(std::span<const float>(one), share), 5);
}

}  // namespace
}  // namespace recur
