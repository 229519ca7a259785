#include "recur/data/sequences/time_grid.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

SequenceSet with_times(TimeKind kind, std::vector<std::vector<double>> times) {
  SequenceSet set;
  set.time_kind = kind;
  for (auto& t : times) set.sequences.emplace_back().times = std::move(t);
  return set;
}

SequenceSet with_dates(const std::vector<const char*>& dates) {
  std::vector<double> times;
  for (const char* date : dates) times.push_back(*parse_date(date));
  return with_times(TimeKind::kDate, {times});
}

TEST(TimeGrid, IsRegularWhereEveryDistanceIsTheSame) {
  const TimeGrid grid = find_time_grid(with_times(TimeKind::kNumber, {{0, 0.1, 0.2, 0.30000000000000004}, {5, 5.1}}));
  EXPECT_EQ(time_step_text(grid.step), "every 0.1");
  EXPECT_TRUE(grid.regular());
}

// A double holds a quarter of a microsecond of today's dates.
TEST(TimeGrid, OfFractionsOfSecondsToday) {
  for (const double step : {0.001, 0.01, 0.1}) {
    std::vector<double> times;
    for (int t = 0; t < 300; ++t) times.push_back(1.6e9 + t * step);
    const TimeGrid grid = find_time_grid(with_times(TimeKind::kDate, {times}));
    EXPECT_NEAR(grid.step.count, step, 1e-12);
    EXPECT_TRUE(grid.regular()) << step;
  }
}

TEST(TimeGrid, CountsGapsAndWhatIsOff) {
  const TimeGrid grid = find_time_grid(with_times(TimeKind::kDate, {{0, 3600, 7200, 10800, 18000, 21600, 21700}}));
  EXPECT_EQ(time_step_text(grid.step), "hourly");
  EXPECT_EQ(grid.gaps, 1);
  EXPECT_EQ(grid.missing, 1);
  EXPECT_EQ(grid.off, 1);
  EXPECT_FALSE(grid.regular());
}

TEST(TimeGrid, KnowsMonthsQuartersAndYears) {
  EXPECT_EQ(time_step_text(find_time_grid(with_dates({"2023-01", "2023-02", "2023-03", "2023-04"})).step), "monthly");
  EXPECT_EQ(time_step_text(find_time_grid(with_dates({"2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"})).step),
            "quarterly");
  const TimeGrid years = find_time_grid(with_dates({"2019-01-01", "2020-01-01", "2021-01-01", "2023-01-01"}));
  EXPECT_EQ(time_step_text(years.step), "yearly");
  EXPECT_EQ(years.missing, 1);
  EXPECT_EQ(time_step_text(find_time_grid(with_dates({"2023-01-01", "2023-01-08", "2023-01-15"})).step), "weekly");
}

TEST(TimeGrid, FindsNoneWhereDistancesDiffer) {
  EXPECT_EQ(find_time_grid(with_times(TimeKind::kNumber, {{0, 1, 3, 6, 10}})).step, TimeStep());
  EXPECT_EQ(find_time_grid(with_times(TimeKind::kNumber, {{0}, {}})).step, TimeStep());
  EXPECT_EQ(find_time_grid(with_times(TimeKind::kNone, {{}})).step, TimeStep());
}

}  // namespace
}  // namespace recur
