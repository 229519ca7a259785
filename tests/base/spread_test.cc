#include "recur/base/spread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace recur {
namespace {

TEST(Spread, TakesSomeAtEvenDistances) {
  const std::vector<int> all{0, 1, 2, 3, 4, 5, 6};
  EXPECT_THAT(spread(all, 3), ::testing::ElementsAre(0, 2, 4));
  EXPECT_THAT(spread(all, 1), ::testing::ElementsAre(0));
}

TEST(Spread, TakesAllWhereThereAreNoMore) {
  const std::vector<int> all{4, 5};
  EXPECT_THAT(spread(all, 9), ::testing::ElementsAre(4, 5));
  EXPECT_THAT(spread(all, 0), ::testing::IsEmpty());
  EXPECT_THAT(spread(std::vector<int>{}, 3), ::testing::IsEmpty());
}

}  // namespace
}  // namespace recur
