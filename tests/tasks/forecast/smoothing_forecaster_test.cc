// With a network that adds nothing, forecasts are those of exponential smoothing, worked out here in plain loops.
#include "recur/tasks/forecast/smoothing_forecaster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"
#include "tests/tasks/forecast/decoder_checks.h"

namespace recur {
namespace {

using namespace testing;
using Numbers = std::vector<double>;

constexpr int64_t kHorizon = 5, kInput = 3;

ForecastOptions options_of(int64_t season, const std::string& head = "mae") {
  ForecastOptions options;
  options.data = data_options(kHorizon, 8);
  options.data.season = season;
  options.model.head = head;
  options.model.quantiles = 3;
  options.model.rnn.cell = "lstm";
  options.model.rnn.hidden = 3;
  options.model.segment = kInput;
  options.model.dilations = {1, 2};
  options.model.dropout = 0;
  return options;
}

SmoothingForecaster make_smoothing(const ForecastOptions& options, const ForecastSizes& sizes = {}) {
  Random random(3);
  return SmoothingForecaster(options, sizes, random);
}

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

// Level times season of the steps ahead of y, where the first value meets seasonal factor `seasonals[0]`.
Numbers smoothed_ahead(const Numbers& y, double a, double g, Numbers seasonals) {
  const size_t m = seasonals.size();
  double level = 0;
  for (size_t t = 0; t < y.size(); ++t) {
    const double value = y[t] / seasonals[t];
    level = t == 0 ? value : a * value + (1 - a) * level;
    seasonals.push_back(g * y[t] / level + (1 - g) * seasonals[t]);
  }
  Numbers ahead;
  for (size_t h = 0; h < kHorizon; ++h) ahead.push_back(level * seasonals[y.size() + h % m]);
  return ahead;
}

void expect_near(const std::vector<float>& got, const Numbers& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-4 * (1 + std::abs(want[i]))) << i;
}

TEST(SmoothingForecaster, WithoutASeasonIsTheSmoothedLevel) {
  const ForecastOptions options = options_of(1);
  const Panel panel = panel_of({"4, 8, 6, 10, 2"}, options.data);
  SmoothingForecaster model = make_smoothing(options);
  set_parameters(model, {{"common", {-1}}});
  expect_near(forecast_of(model, panel, {{0, 5}})[0], smoothed_ahead({4, 8, 6, 10, 2}, sigmoid_of(-1), 0, {1}));
}

TEST(SmoothingForecaster, WithASeasonItsFactorsGoOn) {
  const ForecastOptions options = options_of(3);
  const Panel panel = panel_of({"4, 8, 6, 5, 9, 7, 4.5"}, options.data);
  SmoothingForecaster model = make_smoothing(options);
  set_parameters(model, {{"common", {0.5f, -0.5f, -0.3f, 0.2f, 0.1f}}});
  expect_near(forecast_of(model, panel, {{0, 7}})[0],
              smoothed_ahead({4, 8, 6, 5, 9, 7, 4.5}, sigmoid_of(0.5), sigmoid_of(-0.5),
                             {std::exp(-0.3), std::exp(0.2), std::exp(0.1)}));
}

TEST(SmoothingForecaster, SeasonalFactorsAreOfTheSeriesFirstStepWhereverAWindowBegins) {
  ForecastOptions options = options_of(3);
  options.data.context = 4;
  const Panel panel = panel_of({"9, 9, 9, 9, 4, 8, 6, 5"}, options.data);
  SmoothingForecaster model = make_smoothing(options);
  set_parameters(model, {{"common", {0, 0, -0.3f, 0.2f, 0.1f}}});
  // The window begins at step 4, whose factor is the second.
  expect_near(forecast_of(model, panel, {{0, 8}})[0],
              smoothed_ahead({4, 8, 6, 5}, 0.5, 0.5, {std::exp(0.2), std::exp(0.1), std::exp(-0.3)}));
}

TEST(SmoothingForecaster, ASeriesAddsItsOwnToWhatAllShare) {
  const ForecastOptions options = options_of(1);
  Panel panel = panel_of({"4, 8, 6, 10", "4, 8, 6, 10"}, options.data);
  panel.series[1].identity = 1;
  SmoothingForecaster model = make_smoothing(options, {.identities = 2});
  set_parameters(model, {{"common", {0.25f}}, {"series.weight", {0, 1}}});
  const WindowPaths paths = forecast_of(model, panel, {{0, 4}, {1, 4}});
  expect_near(paths[0], smoothed_ahead({4, 8, 6, 10}, sigmoid_of(0.25), 0, {1}));
  expect_near(paths[1], smoothed_ahead({4, 8, 6, 10}, sigmoid_of(1.25), 0, {1}));
}

TEST(SmoothingForecaster, WhatTheNetworkSaysIsAFactor) {
  const ForecastOptions options = options_of(1);
  const Panel panel = panel_of({"4, 8, 6, 10"}, options.data);
  SmoothingForecaster model = make_smoothing(options);
  set_parameters(model, {{"common", {0}}, {"output.bias", {0, 0.1f, -0.2f, 0.3f, 1}}});
  Numbers want = smoothed_ahead({4, 8, 6, 10}, 0.5, 0, {1});
  const Numbers said{0, 0.1, -0.2, 0.3, 1};
  for (size_t h = 0; h < want.size(); ++h) want[h] *= std::exp(said[h]);
  expect_near(forecast_of(model, panel, {{0, 4}})[0], want);
}

TEST(SmoothingForecaster, APastShorterThanItReadsGoesOnAsItsFirstValue) {
  const ForecastOptions options = options_of(1);
  const Panel panel = panel_of({"5, 2, 2, 2"}, options.data);
  SmoothingForecaster model = make_smoothing(options);
  set_parameters(model, {{"common", {0}}});
  expect_near(forecast_of(model, panel, {{0, 1}})[0], Numbers(kHorizon, 5));
  expect_near(forecast_of(model, panel, {{0, 2}})[0], smoothed_ahead({5, 5, 2}, 0.5, 0, {1}));
}

TEST(SmoothingForecaster, MissingValuesAreTheOnesBefore) {
  const ForecastOptions options = options_of(1);
  SmoothingForecaster model = make_smoothing(options);
  const WindowPaths gap = forecast_of(model, panel_of({"4, null, 6, 10"}, options.data), {{0, 4}});
  EXPECT_EQ(gap, forecast_of(model, panel_of({"4, 4, 6, 10"}, options.data), {{0, 4}}));
}

TEST(SmoothingForecaster, TheLossIsOfLogarithmsAtTheLastStepAndInTrainingAtAll) {
  const ForecastOptions options = options_of(1);
  const Panel panel = panel_of({"4, 8, 6, 10, 2, null, 7"}, options.data);
  SmoothingForecaster model = make_smoothing(options);
  set_parameters(model, {{"common", {0}}});
  // Levels by hand: 4, 6, 6, 8; behind the origin 4 there are 2 and 7.
  const double at_end = std::abs(std::log(2.0 / 8)) + std::abs(std::log(7.0 / 8));
  EXPECT_NEAR(loss_of(model, panel, {{0, 4}}), at_end / 2, 1e-5);
  // From the third step on, the first that has three to read: 10, 2 and 7 seen from level 6.
  const double before = std::abs(std::log(10.0 / 6)) + std::abs(std::log(2.0 / 6)) + std::abs(std::log(7.0 / 6));
  EXPECT_NEAR(training_loss_of(model, panel, {{0, 4}}), (at_end + before) / 5, 1e-5);
}

TEST(SmoothingForecaster, GradientsOfEveryParameterAreRight) {
  const ForecastOptions options = options_of(3, "normal");
  Panel panel = panel_of({"1, 0.5, null, 0.2, 1.3, 0.7, 0.1, 1", "0.3, 0.9, 0.4, 0.6, 0.8"}, options.data);
  panel.series[1].identity = 1;
  SmoothingForecaster model = make_smoothing(options, {.identities = 2});
  expect_right_gradients(model, panel, {{0, 7}, {1, 4}});
}

TEST(SmoothingForecaster, NamesTheSeriesWhoseValuesAreNotAboveZero) {
  const ForecastOptions options = options_of(1);
  SmoothingForecaster model = make_smoothing(options);
  for (const char* row : {"1, 0, 2, 3", "1, -2, 2, 3", "null, null, null, null, 3"}) {
    const Panel panel = panel_of({row}, options.data);
    EXPECT_ERROR(forecast_of(model, panel, {{0, 4}}), "expected positive values");
    EXPECT_ERROR(forecast_of(model, panel, {{0, 4}}), "a.jsonl:1");
  }
}

}  // namespace
}  // namespace recur
