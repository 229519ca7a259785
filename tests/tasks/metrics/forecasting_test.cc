#include "recur/tasks/metrics/forecasting.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace recur {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

TEST(QuantileOf, DecilesOfNineValuesAreThemselves) {
  const std::vector<float> values{1, 2, 3, 4, 5, 6, 7, 8, 9};
  for (int k = 1; k <= 9; ++k) EXPECT_NEAR(quantile_of(values, k / 10.0), k, 1e-9);
  EXPECT_NEAR(quantile_of(values, 0.25), 2.5, 1e-9);
  EXPECT_EQ(quantile_of(values, 0.001), 1);
  EXPECT_EQ(quantile_of(values, 0.999), 9);
}

TEST(QuantileOf, OfOneValueIsIt) { EXPECT_EQ(quantile_of(std::vector<float>{4}, 0.9), 4); }

TEST(StepQuantile, SortsEachStepByItself) {
  EXPECT_EQ(step_quantile(std::vector<float>{1, 30, 3, 10, 2, 20}, 2, 0.5), (std::vector<float>{2, 20}));
}

TEST(ForecastMeter, MeasuresByHand) {
  ForecastMeter meter;
  meter.add(std::vector<float>{10, 20}, std::vector<float>{12, 16}, {.seasonal = 2, .deviation = 4});
  EXPECT_NEAR(meter.smape(), (200 * 2 / 22.0 + 200 * 4 / 36.0) / 2, 1e-6);
  EXPECT_NEAR(meter.mase(), 3 / 2.0, 1e-9);
  EXPECT_NEAR(meter.nd(), 6 / 30.0, 1e-9);
  EXPECT_NEAR(meter.mse(), (0.25 + 1) / 2, 1e-9);
  EXPECT_NEAR(meter.mae(), (0.5 + 1) / 2, 1e-9);
  EXPECT_NEAR(meter.rmse(), std::sqrt(10.0), 1e-9);
  EXPECT_NEAR(meter.rse(), std::sqrt(20.0 / 50.0), 1e-9);
  EXPECT_FALSE(meter.is_distribution());
}

TEST(ForecastMeter, AnOffsetChangesNothing) {
  ForecastMeter whole, less;
  whole.add(std::vector<float>{101, 103}, std::vector<float>{102, 101}, {.seasonal = 2, .deviation = 1});
  less.add(std::vector<float>{1, 3}, std::vector<float>{2, 1}, {.seasonal = 2, .deviation = 1, .offset = 100});
  EXPECT_DOUBLE_EQ(less.smape(), whole.smape());
  EXPECT_DOUBLE_EQ(less.nd(), whole.nd());
  EXPECT_DOUBLE_EQ(less.crps(), whole.crps());
  EXPECT_DOUBLE_EQ(less.mase(), whole.mase());
  EXPECT_DOUBLE_EQ(less.rse(), whole.rse());
}

TEST(ForecastMeter, CrpsOfAPointIsItsNd) {
  ForecastMeter meter;
  meter.add(std::vector<float>{10, 20}, std::vector<float>{12, 16}, {});
  EXPECT_NEAR(meter.crps(), meter.nd(), 1e-9);
}

TEST(ForecastMeter, AnHonestDistributionHasLessCrpsThanItsMedian) {
  ForecastMeter spread, point;
  for (int k = 1; k <= 9; ++k) {
    const std::vector<float> actual{static_cast<float>(k)};
    spread.add(actual, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9}, {});
    point.add(actual, std::vector<float>{5}, {});
  }
  EXPECT_LT(spread.crps(), point.crps());
  EXPECT_TRUE(spread.is_distribution());
  EXPECT_EQ(spread.coverage(), 1);
  spread.add(std::vector<float>{10}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9}, {});
  EXPECT_NEAR(spread.coverage(), 0.9, 1e-9);
}

TEST(ForecastMeter, LeavesMissingValuesAndEmptyWindowsOut) {
  ForecastMeter meter;
  meter.add(std::vector<float>{kMissing, 20}, std::vector<float>{0, 16}, {.seasonal = 2});
  meter.add(std::vector<float>{kMissing, kMissing}, std::vector<float>{0, 0}, {.seasonal = 2});
  EXPECT_EQ(meter.windows(), 1);
  EXPECT_NEAR(meter.mase(), 2, 1e-9);
  EXPECT_NEAR(meter.nd(), 0.2, 1e-9);
}

TEST(ForecastMeter, AWindowWithoutASeasonalErrorCountsNotInMase) {
  ForecastMeter meter;
  meter.add(std::vector<float>{1}, std::vector<float>{2}, {.seasonal = 0});
  EXPECT_TRUE(std::isnan(meter.mase()));
  meter.add(std::vector<float>{1}, std::vector<float>{2}, {.seasonal = 1});
  EXPECT_NEAR(meter.mase(), 1, 1e-9);
}

TEST(ForecastMeter, ZeroAgainstZeroIsNoPercentageError) {
  ForecastMeter meter;
  meter.add(std::vector<float>{0}, std::vector<float>{0}, {});
  EXPECT_EQ(meter.smape(), 0);
}

TEST(OverallWeightedAverage, IsTheMeanOfBothRatios) {
  ForecastMeter half, naive2, none;
  half.add(std::vector<float>{100}, std::vector<float>{101}, {.seasonal = 1});
  naive2.add(std::vector<float>{100}, std::vector<float>{102}, {.seasonal = 1});
  none.add(std::vector<float>{100}, std::vector<float>{100}, {.seasonal = 1});
  EXPECT_NEAR(*overall_weighted_average(half, naive2), 0.5, 0.01);
  EXPECT_EQ(*overall_weighted_average(naive2, naive2), 1);
  EXPECT_FALSE(overall_weighted_average(half, none).has_value());
}

}  // namespace
}  // namespace recur
