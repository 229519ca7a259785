#include "recur/tasks/forecast/baselines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace recur {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
using Values = std::vector<float>;

Values forecast(Baseline baseline, const Values& past, int64_t season, int64_t horizon, int64_t since_first = 0) {
  const SeriesPast facts(std::span<const float>(past).first(past.size() - static_cast<size_t>(since_first)), season);
  return baseline_forecast(baseline, {.past = past, .since_first = since_first, .horizon = horizon}, facts);
}

// A wave of 4 steps on a level: 8, 12, 8, 4 times the trend.
Values seasonal(int64_t steps) {
  Values y;
  for (int64_t t = 0; t < steps; ++t) {
    const double wave = 1 + 0.5 * std::sin(std::numbers::pi / 2 * static_cast<double>(t));
    y.push_back(static_cast<float>(100 * wave));
  }
  return y;
}

TEST(SeasonalNaive, RepeatsTheLastSeason) {
  EXPECT_EQ(forecast(Baseline::kSeasonalNaive, {9, 1, 2, 3}, 3, 5), (Values{1, 2, 3, 1, 2}));
  EXPECT_EQ(forecast(Baseline::kSeasonalNaive, {1, 2, 3}, 1, 2), (Values{3, 3}));
}

TEST(SeasonalNaive, LooksFurtherBackForMissingValues) {
  EXPECT_EQ(forecast(Baseline::kSeasonalNaive, {7, 8, kMissing, 2}, 2, 2), (Values{7, 2}));
  EXPECT_EQ(forecast(Baseline::kSeasonalNaive, {5}, 4, 2), (Values{5, 5}));
}

TEST(Drift, GoesOnAlongTheLineFromFirstToLast) {
  EXPECT_EQ(forecast(Baseline::kDrift, {1, 7, 3, 4}, 1, 2), (Values{5, 6}));
  EXPECT_EQ(forecast(Baseline::kDrift, {kMissing, 2, 4, kMissing}, 1, 1), (Values{6}));
  EXPECT_EQ(forecast(Baseline::kDrift, {5}, 1, 2), (Values{5, 5}));
}

TEST(Naive2, IsTheLastValueWithoutASeason) {
  EXPECT_EQ(forecast(Baseline::kNaive2, {3, 1, 2}, 1, 2), (Values{2, 2}));
  EXPECT_EQ(forecast(Baseline::kNaive2, {3, 1, 2}, 12, 2), (Values{2, 2}));  // too short for one to show
}

TEST(Naive2, FollowsASeasonThatShows) {
  const Values past = seasonal(40), next = seasonal(46);
  const Values got = forecast(Baseline::kNaive2, past, 4, 6);
  for (size_t h = 0; h < 6; ++h) EXPECT_NEAR(got[h], next[40 + h], 0.01) << h;
}

TEST(Naive2, IsTheSameForValuesLessAnOffset) {
  const Values past = seasonal(40);
  Values less;
  for (const float y : past) less.push_back(y - 100);
  const Values want = forecast(Baseline::kNaive2, past, 4, 6);
  const SeriesPast facts(less, 4, 100);
  const Values got = baseline_forecast(Baseline::kNaive2, {.past = less, .since_first = 0, .horizon = 6}, facts);
  for (size_t h = 0; h < 6; ++h) EXPECT_NEAR(got[h] + 100, want[h], 1e-3) << h;
}

TEST(Naive2, KeepsThePhaseInLaterWindows) {
  const Values past = seasonal(43), next = seasonal(46);
  const Values got = forecast(Baseline::kNaive2, past, 4, 3, 3);
  for (size_t h = 0; h < 3; ++h) EXPECT_NEAR(got[h], next[43 + h], 0.01) << h;
}

TEST(Naive2, LeavesSeriesWithValuesBelowZeroAsTheyAre) {
  Values past = seasonal(40);
  for (float& y : past) y -= 100;
  EXPECT_EQ(forecast(Baseline::kNaive2, past, 4, 1), (Values{past.back()}));
}

TEST(SeriesPast, ScalesErrorsBySeasonalDifferences) {
  const SeriesPast facts(Values{1, 2, 4, 8}, 2);
  EXPECT_NEAR(facts.scales().seasonal, (3 + 6) / 2.0, 1e-9);
  EXPECT_NEAR(SeriesPast(Values{1, 4}, 4).scales().seasonal, 3, 1e-9);
  EXPECT_EQ(SeriesPast(Values{1}, 1).scales().seasonal, 0);
}

TEST(SeriesPast, OfNothingKnownHasNoScale) {
  const SeriesPast facts(Values{kMissing}, 4);
  EXPECT_EQ(facts.scales().seasonal, 0);
  EXPECT_EQ(facts.indices(), (std::vector<double>(4, 1.0)));
}

}  // namespace
}  // namespace recur
