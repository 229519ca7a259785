#include "recur/train/loss_course.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

// Steps from a loss to another.
void go(LossCourse& course, int64_t& step, int steps, double from, double to) {
  for (int i = 1; i <= steps; ++i) course.add(++step, from + (to - from) * i / steps);
}

TEST(LossCourse, IsLostWhereItRisesFarAboveItsLowestThoughNotAboveItsFirst) {
  LossCourse course;
  int64_t step = 0;
  go(course, step, 200, 100, 1);
  go(course, step, 800, 1, 1);
  EXPECT_FALSE(course.diverged());
  EXPECT_NEAR(course.lowest(), 1, 0.05);
  go(course, step, 200, 1, 60);
  EXPECT_TRUE(course.diverged());
  EXPECT_EQ(course.lowest_step(), 1000);
  EXPECT_LT(course.recent(), 100);
}

TEST(LossCourse, IsLostFromTheStart) {
  LossCourse course;
  course.add(1, 2);
  course.add(2, 1e6);
  EXPECT_TRUE(course.diverged());
  EXPECT_EQ(course.lowest_step(), 1);
}

TEST(LossCourse, TinyLossesMayGoUpAndDown) {
  LossCourse course;
  int64_t step = 0;
  go(course, step, 100, 2, 0);
  go(course, step, 2000, 1e-5, 1e-5);
  go(course, step, 200, 1e-3, 1e-3);
  EXPECT_FALSE(course.diverged());
}

TEST(LossCourse, BelowZeroNothingIsSaid) {
  LossCourse course;
  course.add(1, -1);
  course.add(2, 50);
  EXPECT_FALSE(course.diverged());
}

}  // namespace
}  // namespace recur
