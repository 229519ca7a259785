#include "recur/tasks/forecast/forecast_score.h"

#include <gtest/gtest.h>

#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

// Knows the answer but for `error` that it adds to every step.
class Oracle : public Forecaster {
 public:
  explicit Oracle(float error) : error_(error) {}

  ForecastLoss loss(const Panel&, std::span<const ForecastWindow> windows, Mode, GradientTrace*) const override {
    const auto count = static_cast<double>(windows.size());
    return {.mean = Tensor::scalar(count), .known = count};
  }
  WindowPaths forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t, Random&) const override {
    WindowPaths out;
    for (const ForecastWindow& window : windows) {
      out.push_back(actual_values(panel, window, 2));
      for (float& y : out.back()) y += error_;
    }
    return out;
  }
  WindowFunction function(const Panel&, const ForecastWindow&) const override { return {}; }
  bool draws_paths() const override { return false; }

 private:
  float error_;
};

Panel panel() { return panel_of({"1, 2, 3, 4, 5, 6, 7, 8", "10, 10, 20, 20, 10, 10, 20, 20"}, data_options(2, 4)); }

double cell(const Table& table, size_t row, const std::string& column) {
  const auto at = std::ranges::find(table.columns, column) - table.columns.begin();
  return std::get<double>(table.rows[row][at]);
}

TEST(MeasureForecasts, OfAnOracleFindsNoError) {
  Oracle oracle(0);
  const Panel data = panel();
  const auto windows = rolling_windows(data, {.horizon = 2, .count = 2, .stride = 2});
  const Evaluation result = measure_forecasts(oracle, data, windows, {.horizon = 2, .season = 1}, {});
  EXPECT_EQ(result.examples, 4);
  EXPECT_EQ(result.at("smape"), 0);
  EXPECT_EQ(result.at("owa"), 0);
  EXPECT_FALSE(result.find("coverage").has_value());  // a point covers nothing
}

TEST(MeasureForecasts, ShowsTheBaselinesOnTheSameWindows) {
  Oracle oracle(1);
  const Panel data = panel();
  const std::vector<ForecastWindow> line{{0, 6}};
  const Evaluation result = measure_forecasts(oracle, data, line, {.horizon = 2, .season = 1}, {});
  const Table& methods = result.tables.at(0);
  ASSERT_EQ(methods.rows.size(), 5u);
  EXPECT_DOUBLE_EQ(cell(methods, 0, "nd"), 2 / 15.0);
  EXPECT_DOUBLE_EQ(cell(methods, 1, "nd"), (1 + 2) / 15.0);  // the last value
  EXPECT_DOUBLE_EQ(cell(methods, 2, "nd"), 0);               // drift knows a line
  EXPECT_DOUBLE_EQ(cell(methods, 4, "owa"), 1);              // naive 2 against itself
  EXPECT_DOUBLE_EQ(cell(methods, 0, "mase"), 1);
}

TEST(MeasureForecasts, OfOneStepLooksAtItAlone) {
  Oracle oracle(1);
  const Panel data = panel();
  const std::vector<ForecastWindow> line{{0, 6}};
  const auto at = [&](int64_t step) {
    return measure_forecasts(oracle, data, line, {.horizon = 2, .season = 1}, {.at_step = step});
  };
  EXPECT_DOUBLE_EQ(at(1).at("nd"), 1 / 7.0);
  EXPECT_DOUBLE_EQ(at(2).at("nd"), 1 / 8.0);
  EXPECT_DOUBLE_EQ(cell(at(2).tables[0], 1, "nd"), 2 / 8.0);
}

TEST(MeasureForecasts, IsTheSameForAnyBatch) {
  Oracle oracle(1);
  const Panel data = panel();
  const auto windows = rolling_windows(data, {.horizon = 2, .count = 5, .stride = 1});
  const auto one = measure_forecasts(oracle, data, windows, {.horizon = 2, .season = 2, .batch = 1}, {});
  const auto all = measure_forecasts(oracle, data, windows, {.horizon = 2, .season = 2, .batch = 100}, {});
  for (const char* name : {"smape", "mase", "owa", "rse"}) EXPECT_EQ(one.at(name), all.at(name)) << name;
}

TEST(MeasureForecasts, TakesTheDeviationThatTrainingKnows) {
  Oracle oracle(4);
  Panel data = panel();
  data.series[0].scale = Affine{0, 2};
  const std::vector<ForecastWindow> line{{0, 6}};
  EXPECT_DOUBLE_EQ(measure_forecasts(oracle, data, line, {.horizon = 2}, {}).at("mae"), 2);
}

TEST(ForecastWindows, ComeInTheirOrder) {
  Oracle oracle(0);
  const Panel data = panel();
  const std::vector<ForecastWindow> windows{{1, 4}, {0, 3}, {1, 2}};
  std::vector<ForecastWindow> seen;
  forecast_windows(oracle, data, windows, {.horizon = 2, .batch = 2},
                   [&](const ForecastWindow& window, std::span<const float>) { seen.push_back(window); });
  EXPECT_EQ(seen, windows);
}

}  // namespace
}  // namespace recur
