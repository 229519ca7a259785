#include "recur/tasks/metrics/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"

namespace recur {
namespace {

double number(const TableCell& cell) { return std::get<double>(cell); }

TEST(Bootstrap, IntervalOfAMeanIsAboutTwoStandardErrorsToEachSide) {
  Random random(2);
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(static_cast<double>(random.normal()));
  const auto mean = [&](std::span<const int64_t> rows) {
    double sum = 0;
    for (const int64_t row : rows) sum += values[row];
    return std::vector<Metric>{{"mean", sum / static_cast<double>(rows.size())}};
  };
  const Table table = bootstrap_intervals(400, {.samples = 1000}, mean);
  ASSERT_EQ(table.rows.size(), 1u);
  const double value = number(table.rows[0][1]);
  EXPECT_NEAR(number(table.rows[0][2]), value - 1.96 / 20, 0.015);
  EXPECT_NEAR(number(table.rows[0][3]), value + 1.96 / 20, 0.015);
}

TEST(Bootstrap, IsTheSameEachTime) {
  const auto first = [](std::span<const int64_t> rows) {
    return std::vector<Metric>{{"first", static_cast<double>(rows[0])}};
  };
  EXPECT_EQ(bootstrap_intervals(50, {}, first).rows, bootstrap_intervals(50, {}, first).rows);
}

TEST(Bootstrap, LeavesOutSamplesWithoutTheMetricAndMetricsWithoutSamples) {
  const auto sometimes = [](std::span<const int64_t> rows) {
    std::vector<Metric> metrics;
    if (rows[0] == 0) metrics.push_back({"of zero", 5});
    return metrics;
  };
  const Table table = bootstrap_intervals(4, {.samples = 100}, sometimes);
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(number(table.rows[0][2]), 5);
  EXPECT_TRUE(bootstrap_intervals(4, {.samples = 0}, sometimes).rows.empty());
}

}  // namespace
}  // namespace recur
