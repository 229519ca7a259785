#include "recur/base/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
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

TEST(SortNumbers, PutsNaNBehindAllNumbers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 3 == 0 ? nan : -i * 1.5);
  sort_numbers(values);
  EXPECT_TRUE(std::is_sorted(values.begin(), values.begin() + 66));
  EXPECT_TRUE(std::all_of(values.begin() + 66, values.end(), [](double value) { return std::isnan(value); }));
}

}  // namespace
}  // namespace recur
