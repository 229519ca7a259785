#include "recur/train/budget.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Budget, IsUsedByWhateverIsFurthest) {
  const Budget budget({.epochs = 10, .steps = 100, .time = Seconds(60)}, 20);
  EXPECT_DOUBLE_EQ(budget.used(20, 1, 6), 0.2);
  EXPECT_DOUBLE_EQ(budget.used(20, 5, 6), 0.5);
  EXPECT_DOUBLE_EQ(budget.used(20, 5, 54), 0.9);
  EXPECT_EQ(budget.used(200, 5, 54), 1);
  EXPECT_FALSE(budget.time_alone());
}

TEST(Budget, IsWhatTheTaskSaysWhenNothingElseIs) {
  const Budget budget({}, 40);
  EXPECT_DOUBLE_EQ(budget.used(1000000, 10, 1e6), 0.25);
  EXPECT_DOUBLE_EQ(Budget({.steps = 10}, 40).used(5, 30, 1), 0.5);
}

TEST(Budget, KnowsWhenTimeIsAllThereIs) {
  const Budget budget({.time = Seconds(60)}, 20);
  EXPECT_TRUE(budget.time_alone());
  EXPECT_EQ(budget.seconds(), 60);
}

TEST(Budget, ACutFitsWhatIsLeftIntoAPart) {
  Budget budget({}, 10);
  EXPECT_FALSE(budget.is_cut());
  budget.set_cut({.from = 0.4, .to = 0.5});
  EXPECT_TRUE(budget.is_cut());
  EXPECT_DOUBLE_EQ(budget.used(0, 3, 0), 0.3);
  EXPECT_DOUBLE_EQ(budget.used(0, 4, 0), 0.4);
  EXPECT_DOUBLE_EQ(budget.used(0, 4.5, 0), 0.7);
  EXPECT_EQ(budget.used(0, 5, 0), 1);
  EXPECT_EQ(budget.used(0, 7, 0), 1);
  EXPECT_ERROR(budget.set_cut({.from = 0.4, .to = 0.3}), "is damaged");
  EXPECT_ERROR(budget.set_cut({.from = std::nan(""), .to = 1}), "is damaged");
}

TEST(Budget, SaysWhichPartOfItIsUsedUp) {
  const Budget budget({.epochs = 10, .steps = 100, .time = Seconds(60)}, 20);
  EXPECT_EQ(budget.limit(100, 3, 9), "100 steps");
  EXPECT_EQ(budget.limit(90, 3, 61), "60 s");
  EXPECT_EQ(budget.limit(90, 10, 9), "10 passes over the data");
  EXPECT_EQ(Budget({}, 1).limit(90, 1, 9), "1 pass over the data");
}

TEST(Stopwatch, GoesOnFromWhatWasBefore) {
  Stopwatch watch;
  watch.set(100);
  EXPECT_GE(watch.seconds(), 100);
  EXPECT_LT(watch.seconds(), 110);
}

}  // namespace
}  // namespace recur
