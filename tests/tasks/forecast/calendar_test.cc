#include "recur/tasks/forecast/calendar.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

constexpr double kHour = 3600;

TEST(Calendar, HasTheCyclesThatStepsGoInto) {
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kSecond, kHour}, 20000).text(), "day, week, year");
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kSecond, 24 * kHour}, 20000).text(), "week, year");
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kMonth, 1}, 20000).text(), "year");
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kMonth, 12}, 20000).text(), "none");
  EXPECT_EQ(Calendar(TimeKind::kNumber, {TimeUnit::kNumber, 1}, 20000).features(), 0);
}

TEST(Calendar, HasNoCycleThatWasNotSeenTwice) {
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kSecond, kHour}, 10000).text(), "day, week");
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kSecond, kHour}, 47).text(), "none");
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kMonth, 1}, 24).text(), "year");
  EXPECT_EQ(Calendar(TimeKind::kDate, {TimeUnit::kMonth, 1}, 23).text(), "none");
}

TEST(Calendar, TurnsOnceADay) {
  const Calendar calendar(TimeKind::kDate, {TimeUnit::kSecond, kHour}, 20000);
  ASSERT_EQ(calendar.features(), 6);
  float midnight[6], noon[6];
  calendar.write(0, midnight);
  calendar.write(12 * kHour, noon);
  EXPECT_NEAR(midnight[0], 0, 1e-6);
  EXPECT_NEAR(midnight[1], 1, 1e-6);
  EXPECT_NEAR(noon[1], -1, 1e-6);
}

TEST(UsualRate, IsThatOfTheCompetition) {
  EXPECT_EQ(usual_rate(TimeKind::kDate, {TimeUnit::kSecond, kHour}).season, 24);
  EXPECT_EQ(usual_rate(TimeKind::kDate, {TimeUnit::kSecond, kHour}).horizon, 48);
  EXPECT_EQ(usual_rate(TimeKind::kDate, {TimeUnit::kSecond, 7 * 24 * kHour}).horizon, 13);
  EXPECT_EQ(usual_rate(TimeKind::kDate, {TimeUnit::kMonth, 1}).season, 12);
  EXPECT_EQ(usual_rate(TimeKind::kDate, {TimeUnit::kMonth, 3}).season, 4);
  EXPECT_EQ(usual_rate(TimeKind::kDate, {TimeUnit::kMonth, 12}).horizon, 6);
  EXPECT_EQ(usual_rate(TimeKind::kNone, {}).season, 1);
}

}  // namespace
}  // namespace recur
