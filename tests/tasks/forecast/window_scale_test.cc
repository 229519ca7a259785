#include "recur/tasks/forecast/window_scale.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/error.h"
#include "recur/tasks/forecast/window_batch.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

Panel gappy_panel() { return panel_of({"100, 1, 2, null, 3, 50, null, 60"}, data_options(2, 4)); }

WindowScale scale(const std::string& scaler, const std::string& center, bool log = false) {
  return window_scale(gappy_panel(), {.series = 0, .origin = 5}, {scaler, center, log, 4});
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
  EXPECT_THROW(window_scale(zeros, {.series = 0, .origin = 2}, {"none", "last", true, 4}), Error);
}

TEST(WindowScale, OfAFlatOrEmptyPastIsFinite) {
  const Panel flat = panel_of({"5, 5, 5, 5", "0, 0, 0, 0", "null, null, null, 3"}, data_options(2, 4));
  for (int64_t i = 0; i < 3; ++i) {
    for (const char* scaler : {"none", "mean", "deviation", "standard"}) {
      const WindowScale map = window_scale(flat, {.series = i, .origin = 2}, {scaler, "last", false, 4});
      EXPECT_TRUE(std::isfinite(map.apply(7))) << i << scaler;
    }
  }
}

// 46 days without a sensor: the level is that of before.
TEST(WindowScale, OfAContextWithoutValuesIsThatOfTheValuesBefore) {
  const Panel panel = panel_of({"9, 40, 60, null, null, null, null, 8"}, data_options(2, 2));
  const ForecastWindow window{.series = 0, .origin = 7};
  EXPECT_EQ(window_scale(panel, window, {"mean", "last", false, 2}).map, (Affine{60, 50}));
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
