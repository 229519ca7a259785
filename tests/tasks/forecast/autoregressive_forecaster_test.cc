// Networks set by hand, whose forecasts follow by hand too; forecaster_test.cc has what holds of every decoder.
#include "recur/tasks/forecast/autoregressive_forecaster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/tasks/forecast/decoder_checks.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::Each;

ForecastOptions options_of(const std::string& head, std::vector<int64_t> lags = {1}) {
  ForecastOptions options;
  options.data = data_options(4, 6);
  options.model.head = head;
  options.model.quantiles = 3;
  options.model.rnn.hidden = 3;
  options.model.lags = std::move(lags);
  options.model.dropout = 0;
  return options;
}

AutoregressiveForecaster make_autoregressive(const ForecastOptions& options, const ForecastSizes& sizes = {}) {
  Random random(3);
  return AutoregressiveForecaster(options, sizes, random);
}

TEST(AutoregressiveForecaster, OfANetworkThatSaysNothingTheCentreGoesOn) {
  ForecastOptions options = options_of("mae");
  options.data.center = "last";
  const Panel panel = panel_of({"1, 5, null, 7, 3, 2"}, options.data);
  AutoregressiveForecaster model = make_autoregressive(options);
  set_parameters(model, {});
  const WindowPaths paths = forecast_of(model, panel, {{0, 4}, {0, 3}, {0, 1}});
  EXPECT_THAT(paths[0], Each(7));
  EXPECT_THAT(paths[1], Each(5));
  EXPECT_THAT(paths[2], Each(1));
}

TEST(AutoregressiveForecaster, AForecastGoesOnFromItself) {
  ForecastOptions options = options_of("mae", {1, 2});
  options.data.context = 100;  // so that every window begins with the series
  std::string row = "0.3, 0.9, -0.4, 0.6, 1.2";
  AutoregressiveForecaster model = make_autoregressive(options);
  for (NamedTensor& each : model.named_parameters()) {
    Random random(5);
    init::normal(each.value, 0, 0.8, random);
  }
  const std::vector<float> path = forecast_of(model, panel_of({row}, options.data), {{0, 5}})[0];
  // Each value taken for known gives the next as the first of a forecast.
  for (int64_t h = 0; h < 4; ++h) {
    const float next = forecast_of(model, panel_of({row}, options.data), {{0, 5 + h}})[0][0];
    EXPECT_NEAR(next, path[h], 1e-5) << h;
    row += fmt::format(", {:.9f}", path[h]);
  }
  EXPECT_GT(std::abs(path[3] - path[0]), 1e-3);
}

TEST(AutoregressiveForecaster, EachPathGoesOnFromWhatWasDrawnForIt) {
  ForecastOptions options = options_of("normal");
  const Panel panel = panel_of({"0.3, 0.9, -0.4, 0.6, 1.2"}, options.data);
  AutoregressiveForecaster model = make_autoregressive(options);
  for (NamedTensor& each : model.named_parameters()) {
    Random random(5);
    init::normal(each.value, 0, 1, random);
  }
  const int64_t paths = 6;
  const std::vector<float> drawn = forecast_of(model, panel, {{0, 5}}, paths)[0];
  ASSERT_EQ(drawn.size(), 24u);
  for (int64_t s = 1; s < paths; ++s) EXPECT_NE(drawn[s * 4], drawn[0]);
}

TEST(AutoregressiveForecaster, DrawsHaveTheMeanAndDeviationThatTheNetworkGives) {
  const ForecastOptions options = options_of("normal");
  const Panel panel = panel_of({"1, 2, 3, 4"}, options.data);
  AutoregressiveForecaster model = make_autoregressive(options);
  // softplus(log(e^2 - 1)) = 2.
  set_parameters(model, {{"output.bias", {5, static_cast<float>(std::log(std::exp(2.0) - 1))}}});
  const int64_t paths = 2000;
  const std::vector<float> drawn = forecast_of(model, panel, {{0, 4}}, paths)[0];
  double sum = 0, squares = 0;
  for (const float y : drawn) sum += y, squares += (y - 5.0) * (y - 5.0);
  const double count = static_cast<double>(drawn.size());
  EXPECT_NEAR(sum / count, 5, 0.1);  // four standard deviations
  EXPECT_NEAR(std::sqrt(squares / count), 2, 0.07);
}

TEST(AutoregressiveForecaster, TheLossIsOfTheHorizonAndInTrainingOfAllThatIsKnown) {
  const ForecastOptions options = options_of("mae");
  const Panel panel = panel_of({"9, 2, null, 4, 5, 6, null, 8"}, options.data);
  AutoregressiveForecaster model = make_autoregressive(options);
  set_parameters(model, {{"output.bias", {1}}});
  // The horizon: 5, 6, 8. The context behind the first step, which has nothing before it: 2 and 4.
  EXPECT_NEAR(loss_of(model, panel, {{0, 4}}), (4.0 + 5 + 7) / 3, 1e-6);
  EXPECT_NEAR(training_loss_of(model, panel, {{0, 4}}), (1.0 + 3 + 4 + 5 + 7) / 5, 1e-6);
}

TEST(AutoregressiveForecaster, TheContextReachesAsFarAsItsStepsAndTheirLags) {
  ForecastOptions options = options_of("mae", {1, 3});
  options.data.context = 2;
  const Panel panel = panel_of({"1, 2, 3, 4, 5, 6, 7, 8"}, options.data);
  AutoregressiveForecaster model = make_autoregressive(options);
  const WindowPaths before = forecast_of(model, panel, {{0, 8}});
  Panel other = panel;
  // Steps 7 and 8 (from 1) are read, of which the earlier looks three back, at step 4.
  for (const size_t t : {0, 1, 2}) other.series[0].values[t] = -50;
  EXPECT_EQ(forecast_of(model, other, {{0, 8}}), before);
  other.series[0].values[3] = -50;
  EXPECT_NE(forecast_of(model, other, {{0, 8}}), before);
}

TEST(AutoregressiveForecaster, LagsBeforeTheBeginningAreTheFirstValue) {
  ForecastOptions options = options_of("mae", {5});
  const Panel panel = panel_of({"3, 4, 5"}, options.data), padded = panel_of({"3, 3, 3, 3, 3, 3, 4, 5"}, options.data);
  options.data.context = 2;
  AutoregressiveForecaster model = make_autoregressive(options);
  const std::vector<float> young = forecast_of(model, panel, {{0, 3}})[0];
  const std::vector<float> old = forecast_of(model, padded, {{0, 8}})[0];
  for (size_t h = 0; h < 4; ++h) EXPECT_NEAR(young[h], old[h], 1e-6);
}

TEST(AutoregressiveForecaster, GradientsOfEveryParameterAreRight) {
  const ForecastOptions options = options_of("student", {1, 2});
  const Panel panel = panel_of({"1, 0.5, null, 0.2, 1.3, 0.7, 0.1, 1", "0.3, 0.9, 0.4, 0.6"}, options.data);
  ForecastOptions told = options;
  told.model.identity_features = 2;
  AutoregressiveForecaster model = make_autoregressive(told, {.identities = 3});
  expect_right_gradients(model, panel, {{0, 5}, {1, 2}, {0, 1}});
}

TEST(AutoregressiveForecaster, APointIsOnePathHoweverManyAreAskedFor) {
  const ForecastOptions options = options_of("mse");
  AutoregressiveForecaster model = make_autoregressive(options);
  EXPECT_FALSE(model.draws_paths());
  EXPECT_EQ(forecast_of(model, panel_of({"1, 2, 3"}, options.data), {{0, 3}}, 50)[0].size(), 4u);
  EXPECT_TRUE(make_autoregressive(options_of("quantiles")).draws_paths());
}

}  // namespace
}  // namespace recur
