#include "recur/train/budget.h"

#include <gtest/gtest.h>

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

TEST(Stopwatch, GoesOnFromWhatWasBefore) {
  Stopwatch watch;
  watch.set(100);
  EXPECT_GE(watch.seconds(), 100);
  EXPECT_LT(watch.seconds(), 110);
}

}  // namespace
}  // namespace recur
