#include "recur/data/files/natural_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace recur {
namespace {

TEST(NaturalOrder, CountsAsPeopleDo) {
  std::vector<std::string> names{"a10.csv", "a2.csv", "b1", "a1.csv", "a02.csv", "A3", "a", "a10b2", "a10b10"};
  std::ranges::sort(names, natural_less);
  EXPECT_THAT(names,
              testing::ElementsAre("A3", "a", "a1.csv", "a02.csv", "a2.csv", "a10.csv", "a10b2", "a10b10", "b1"));
}

TEST(NaturalOrder, TakesNumbersOfAnyLength) {
  EXPECT_TRUE(natural_less("99999999999999999999", "100000000000000000000"));
  EXPECT_FALSE(natural_less("100000000000000000000", "99999999999999999999"));
  EXPECT_FALSE(natural_less("same7", "same7"));
}

}  // namespace
}  // namespace recur
