// Networks set by hand, whose forecasts follow by hand too; forecaster_test.cc has what holds of every decoder.
#include "recur/tasks/forecast/segment_forecaster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/ops/reshape.h"
#include "recur/tasks/forecast/theta.h"
#include "tests/support/throws.h"
#include "tests/tasks/forecast/decoder_checks.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

// Horizon 5 in segments of 2 steps, of a context of 6.
ForecastOptions options_of(const std::string& head, const std::string& center = "none") {
  ForecastOptions options;
  options.data = data_options(5, 6);
  options.data.center = center;
  options.model.head = head;
  options.model.quantiles = 3;
  options.model.rnn.hidden = 3;
  options.model.segment = 2;
  options.model.dropout = 0;
  return options;
}

SegmentForecaster make_segments(const ForecastOptions& options, const ForecastSizes& sizes = {}) {
  Random random(3);
  return SegmentForecaster(options, sizes, random);
}

TEST(SegmentForecaster, OfANetworkThatSaysNothingTheLastValueGoesOn) {
  const ForecastOptions options = options_of("mae", "last");
  const Panel panel = panel_of({"1, 5, 2, 7, null, 9, 9, 9, 9, 9", "3, 4"}, options.data);
  SegmentForecaster model = make_segments(options);
  set_parameters(model, {});
  const WindowPaths paths = forecast_of(model, panel, {{0, 5}, {0, 1}, {1, 2}});
  EXPECT_THAT(paths[0], ElementsAre(7, 7, 7, 7, 7));
  EXPECT_THAT(paths[1], Each(1));
  EXPECT_THAT(paths[2], Each(4));  // behind the end of its series
}

TEST(SegmentForecaster, BeginsWithItsBaseAndExplainsWhatItForecasts) {
  ForecastOptions options = options_of("mae", "last");
  options.model.base = "theta";
  options.data.season = 2;
  const Panel panel = panel_of({"2, 4, 3, 6, 4, 8, 5, 9, 6, 11"}, options.data);
  const ForecastWindow window{0, 10};
  SegmentForecaster model = make_segments(options);
  const std::vector<float> theta = theta_forecast(std::vector<float>{2, 4, 3, 6, 4, 8, 5, 9, 6, 11}, 2, 5);
  const WindowPaths begun = forecast_of(model, panel, {window});
  for (size_t h = 0; h < 5; ++h) EXPECT_NEAR(begun[0][h], theta[h], 1e-5);
  for (NamedTensor& each : model.named_parameters()) {
    if (each.name == "output.bias") each.value.copy_from(Tensor::full(each.value.shape(), 0.5));
  }
  const WindowPaths paths = forecast_of(model, panel, {window});
  const WindowFunction function = model.function(panel, window);
  const autograd::NoGrad no_grad;
  const Tensor x = reshape(function.x, {function.x.size(0), 1, function.x.size(1)});
  const Tensor said = function.values(x, {});
  for (size_t h = 0; h < 5; ++h) {
    EXPECT_NE(paths[0][h], begun[0][h]);
    EXPECT_NEAR(said.values<float>()[h], paths[0][h], 1e-4);
  }
}

TEST(SegmentForecaster, BeginsWithTheQuantilesOfTheErrorsOfItsBase) {
  ForecastOptions options = options_of("quantiles", "last");
  options.model.base = "theta";
  // The past of each window is flat, and its next two segments are 1, 2 and 5 above it.
  const Panel panel =
      panel_of({"0, 0, 0, 1, 1, 1, 1, 1", "0, 0, 0, 2, 2, 2, 2, 2", "0, 0, 0, 5, 5, 5, 5, 5"}, options.data);
  SegmentForecaster model = make_segments(options);
  model.begin_with_errors(panel, std::vector<ForecastWindow>{{0, 3}, {1, 3}, {2, 3}});
  const WindowPaths paths = forecast_of(model, panel, {{1, 3}});
  // The quartiles less the median of three times 1, 2 and 5 at the first step of a segment, of two times at the second.
  for (size_t h = 0; h < 5; ++h) {
    EXPECT_FLOAT_EQ(paths[0][h], h % 2 == 0 ? -1 : -0.75);
    EXPECT_FLOAT_EQ(paths[0][5 + h], 0);
    EXPECT_FLOAT_EQ(paths[0][10 + h], h % 2 == 0 ? 3 : 2.25);
  }
}

TEST(SegmentForecaster, StepsOfASegmentAreInOrderAndTheLastIsCutToTheHorizon) {
  const ForecastOptions options = options_of("mae");
  const Panel panel = panel_of({"1, 2, 3, 4, 5, 6, 7"}, options.data);
  SegmentForecaster model = make_segments(options);
  set_parameters(model, {{"output.bias", {10, 20}}});
  EXPECT_THAT(forecast_of(model, panel, {{0, 7}})[0], ElementsAre(10, 20, 10, 20, 10));
}

TEST(SegmentForecaster, TheHighwayIsAMatrixOverTheLastValues) {
  ForecastOptions options = options_of("mae");
  options.model.highway = 3;
  const Panel panel = panel_of({"1, 2, 4, 8, 16"}, options.data);
  SegmentForecaster model = make_segments(options);
  set_parameters(
      model, {{"highway.weight", {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0}}, {"highway.bias", {0, 0, 0, 0, 0.5f}}});
  EXPECT_THAT(forecast_of(model, panel, {{0, 5}})[0], ElementsAre(4, 8, 16, 28, 0.5f));
  // A past of one step has its first value before it.
  EXPECT_THAT(forecast_of(model, panel, {{0, 1}})[0], ElementsAre(1, 1, 1, 3, 0.5f));
}

TEST(SegmentForecaster, TheHighwayMovesTheLevelAndNotTheSpread) {
  ForecastOptions options = options_of("quantiles");
  options.model.highway = 1;
  const Panel panel = panel_of({"1, 2, 4, 8, 16"}, options.data);
  SegmentForecaster model = make_segments(options);
  // Quantiles 3, 1, 2 of each step are put in order, and each moves with the highway.
  set_parameters(model, {{"output.bias", {3, 1, 2, 3, 1, 2}}, {"highway.weight", {1, 1, 1, 1, 1}}});
  const std::vector<float> path = forecast_of(model, panel, {{0, 5}})[0];
  ASSERT_EQ(path.size(), 15u);
  for (size_t q = 0; q < 3; ++q) {
    for (size_t h = 0; h < 5; ++h) EXPECT_EQ(path[q * 5 + h], 17 + static_cast<float>(q));
  }
}

TEST(SegmentForecaster, TheLossIsTheMeanOverKnownSteps) {
  const ForecastOptions options = options_of("mae");
  const Panel panel = panel_of({"1, 2, 3, null, 5, 6", "4, 4, 9"}, options.data);
  SegmentForecaster model = make_segments(options);
  set_parameters(model, {{"output.bias", {1, 1}}});
  // Steps 5 and 6 of one series, 9 of the other; the forecast is 1 throughout.
  EXPECT_NEAR(loss_of(model, panel, {{0, 3}, {1, 2}}), (4.0 + 5 + 8) / 3, 1e-6);
  EXPECT_EQ(loss_of(model, panel, {{0, 6}}), 0);  // nothing is known
}

TEST(SegmentForecaster, WhatLiesBeforeTheContextIsNotRead) {
  const ForecastOptions options = options_of("mae");
  const Panel panel = panel_of({"1, 2, 3, 4, 5, 6, 7, 8, 9, 10"}, options.data);
  Panel other = panel;
  SegmentForecaster model = make_segments(options);
  const WindowPaths before = forecast_of(model, panel, {{0, 10}});
  for (size_t t = 0; t < 4; ++t) other.series[0].values[t] = -50;
  EXPECT_EQ(forecast_of(model, other, {{0, 10}}), before);
  other.series[0].values[4] = -50;
  EXPECT_NE(forecast_of(model, other, {{0, 10}}), before);
}

TEST(SegmentForecaster, AMissingValueIsToldFromTheOneItIsTakenFor) {
  const ForecastOptions options = options_of("mae");
  SegmentForecaster model = make_segments(options);
  const auto said = [&](const std::string& row) { return forecast_of(model, panel_of({row}, options.data), {{0, 4}}); };
  EXPECT_NE(said("1, 2, 2, 4"), said("1, 2, null, 4"));
}

TEST(SegmentForecaster, SegmentsAheadAreToldFromEachOtherByTheirPlaceAlone) {
  const ForecastOptions options = options_of("mae");
  const Panel panel = panel_of({"1, 2, 3, 4, 5, 6"}, options.data);
  SegmentForecaster model = make_segments(options);
  const std::vector<float> apart = forecast_of(model, panel, {{0, 6}})[0];
  EXPECT_NE(apart[0], apart[2]);
  for (NamedTensor& each : model.named_parameters()) {
    if (each.name == "place") each.value.copy_from(Tensor::zeros(each.value.shape()));
  }
  const std::vector<float> same = forecast_of(model, panel, {{0, 6}})[0];
  EXPECT_THAT(same[2], FloatNear(same[0], 1e-6f));
  EXPECT_THAT(same[3], FloatNear(same[1], 1e-6f));
  EXPECT_THAT(same[4], FloatNear(same[0], 1e-6f));
}

TEST(SegmentForecaster, GradientsOfEveryParameterAreRight) {
  for (const bool full : {false, true}) {
    ForecastOptions options = options_of("normal", full ? "mean" : "none");
    options.model.attention = full;
    options.model.highway = full ? 2 : 0;
    const Panel panel = panel_of({"1, 0.5, null, 0.2, 1.3, 0.7, 0.1, 1", "0.3, 0.9, 0.4, 0.6"}, options.data);
    SegmentForecaster model = make_segments(options, {.identities = full ? 3 : 1});
    expect_right_gradients(model, panel, {{0, 7}, {1, 3}, {0, 2}});
  }
}

TEST(SegmentForecaster, DrawsPathsWhereTheHeadIsADistribution) {
  for (const auto& [head, draws, values] :
       {std::tuple{"normal", true, 4}, {"quantiles", false, 3}, {"mae", false, 1}}) {
    const ForecastOptions options = options_of(head);
    SegmentForecaster model = make_segments(options);
    EXPECT_EQ(model.draws_paths(), draws) << head;
    const Panel panel = panel_of({"1, 2, 3, 4, 5, 6"}, options.data);
    EXPECT_EQ(std::ssize(forecast_of(model, panel, {{0, 6}}, 4)[0]), values * 5) << head;
  }
}

}  // namespace
}  // namespace recur
