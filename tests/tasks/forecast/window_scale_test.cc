#include "recur/tasks/forecast/window_scale.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/error.h"
#include "recur/tasks/forecast/theta.h"
#include "recur/tasks/forecast/window_batch.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

Panel gappy_panel() { return panel_of({"100, 1, 2, null, 3, 50, null, 60"}, data_options(2, 4)); }

WindowScale scale(const std::string& scaler, const std::string& center, bool log = false) {
  return window_scale(gappy_panel(), {.series = 0, .origin = 5},
                      {.scaler = scaler, .center = center, .log = log, .context = 4});
}

TEST(WindowScale, LooksAtTheContextBeforeTheOriginAlone) {
  EXPECT_EQ(scale("none", "none").map, (Affine{0, 1}));
  EXPECT_EQ(scale("mean", "last").map, (Affine{3, 2}));
  EXPECT_EQ(scale("none", "mean").map, (Affine{2, 1}));
  EXPECT_NEAR(scale("deviation", "none").map.scale, std::sqrt(2 / 3.0), 1e-6);
}

TEST(WindowScale, OfASeriesThatTrainingDidNotHaveIsThatOfItsPast) {
  EXPECT_NEAR(scale("standard", "standard").map.shift, 106 / 4.0, 1e-5);
}

TEST(WindowScale, IsOfLogarithmsWhereTheyAreForecast) {
  const WindowScale map = scale("none", "last", true);
  EXPECT_NEAR(map.apply(3), 0, 1e-6);
  EXPECT_NEAR(map.invert(map.apply(17)), 17, 1e-4);
}

TEST(WindowScale, RefusesLogarithmsOfZero) {
  const Panel zeros = panel_of({"1, 0, 2, 3"}, data_options(2, 4));
  EXPECT_THROW(
      window_scale(zeros, {.series = 0, .origin = 2}, {.scaler = "none", .center = "last", .log = true, .context = 4}),
      Error);
}

TEST(WindowScale, HasTheThetaForecastOfThePastAsItsBaseOnceThreeSeasonsAreKnown) {
  const std::vector<float> y{2, 4, 3, 6, 4, 8, 5, 9, 6, 11};
  const Panel panel = panel_of({"2, 4, 3, 6, 4, 8, 5, 9, 6, 11"}, data_options(2, 4));
  const ScaleRule rule{.scaler = "mean", .center = "last", .context = 4, .base = "theta", .season = 2, .horizon = 2};
  const WindowScale late = window_scale(panel, {.series = 0, .origin = 8}, rule);
  const std::vector<float> theta = theta_forecast(std::span(y).first(8), 2, 2);
  ASSERT_EQ(late.base.size(), 2u);
  for (int64_t h = 0; h < 2; ++h) EXPECT_NEAR(late.invert(late.base_of(h)), theta[static_cast<size_t>(h)], 1e-5);
  const WindowScale early = window_scale(panel, {.series = 0, .origin = 5}, rule);
  EXPECT_EQ(early.base, (std::vector<float>{0, 0}));  // the last value
  std::string outage = "3, 4, 5, 6, 7, 7";
  for (int t = 0; t < 300; ++t) outage += ", null";
  const WindowScale old =
      window_scale(panel_of({outage + ", 8"}, data_options(2, 4)), {.series = 0, .origin = 306}, rule);
  EXPECT_EQ(old.invert(old.base_of(0)), 7);

  const WindowScale scales[] = {late};
  const ForecastWindow window{.series = 0, .origin = 8};
  const ForecastTargets targets = forecast_targets(panel, std::span(&window, 1), scales, 2);
  for (int64_t h = 0; h < 2; ++h) {
    const auto at = static_cast<size_t>(h);
    EXPECT_NEAR(targets.values.values<float>()[at], late.apply(y[8 + at]) - late.base_of(h), 1e-6);
  }
}

TEST(WindowScale, OfAFlatOrEmptyPastIsFinite) {
  const Panel flat = panel_of({"5, 5, 5, 5", "0, 0, 0, 0", "null, null, null, 3"}, data_options(2, 4));
  for (int64_t i = 0; i < 3; ++i) {
    for (const char* scaler : {"none", "mean", "deviation", "standard"}) {
      const WindowScale map =
          window_scale(flat, {.series = i, .origin = 2}, {.scaler = scaler, .center = "last", .context = 4});
      EXPECT_TRUE(std::isfinite(map.apply(7))) << i << scaler;
    }
  }
}

// 46 days without a sensor: the level is that of before.
TEST(WindowScale, OfAContextWithoutValuesIsThatOfTheValuesBefore) {
  const Panel panel = panel_of({"9, 40, 60, null, null, null, null, 8"}, data_options(2, 2));
  const ForecastWindow window{.series = 0, .origin = 7};
  EXPECT_EQ(window_scale(panel, window, {.scaler = "mean", .center = "last", .context = 2}).map, (Affine{60, 50}));
  EXPECT_EQ(scaled_past(panel, window, {}, 5).values, (std::vector<float>{60, 60}));
  EXPECT_EQ(scaled_past(panel, window, {}, 5).missing, (std::vector<float>{1, 1}));
}

TEST(ScaledPast, FillsGapsByTheValueBefore) {
  const WindowPast past = scaled_past(gappy_panel(), {.series = 0, .origin = 5}, {}, 1);
  EXPECT_EQ(past.values, (std::vector<float>{1, 2, 2, 3}));
  EXPECT_EQ(past.missing, (std::vector<float>{0, 0, 1, 0}));
}

TEST(ScaledPast, BeforeTheSeriesIsAsItsFirstValue) {
  const WindowPast past = scaled_past(gappy_panel(), {.series = 0, .origin = 2}, {}, -2);
  EXPECT_EQ(past.values, (std::vector<float>{100, 100, 100, 1}));
  EXPECT_EQ(past.missing, (std::vector<float>{1, 1, 0, 0}));
}

TEST(ForecastTargets, MissingStepsDoNotCount) {
  const Panel data = gappy_panel();
  const std::vector<ForecastWindow> windows{{0, 5}, {0, 7}};
  const ForecastTargets targets = forecast_targets(data, windows, std::vector<WindowScale>(2), 2);
  EXPECT_EQ(targets.count, 2);
  EXPECT_EQ(std::vector<float>(targets.known.values<float>().begin(), targets.known.values<float>().end()),
            (std::vector<float>{1, 0, 1, 0}));
  EXPECT_EQ(masked_mean(Tensor::ones({2, 2}), targets.known, targets.count).item(), 1);
}

}  // namespace
}  // namespace recur
