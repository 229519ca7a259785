#include "recur/tasks/forecast/blend.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/ops/binary.h"
#include "recur/tasks/forecast/forecast_task.h"
#include "recur/tasks/forecast/forecast_trained.h"
#include "recur/tasks/forecast/theta_past.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/forecast/panel_of.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(Blend, ShiftsAllPathsOfAStepTogether) {
  std::vector<float> paths{1, 10, 2, 30, 3, 20};  // three of two steps
  blend(paths, std::vector<float>{4, 20}, {.weight = 0.25});
  EXPECT_THAT(paths, ElementsAre(1.5f, 10, 2.5f, 30, 3.5f, 20));
}

TEST(Blend, OfLogarithmsIsAFactor) {
  std::vector<float> paths{2, 4, 8};
  blend(paths, std::vector<float>{16}, {.weight = 0.5, .log = true});
  EXPECT_THAT(paths, ElementsAre(FloatEq(4), FloatEq(8), FloatEq(16)));
  blend(paths, std::vector<float>{-1}, {.weight = 0.5, .log = true});  // there is no logarithm of it
  EXPECT_THAT(paths, ElementsAre(FloatEq(4), FloatEq(8), FloatEq(16)));
}

TEST(Blend, OfAFunctionIsThatOfItsValues) {
  WindowFunction one;
  one.values = [](const Tensor& x, std::optional<double> level) { return x * 2.0 + level.value_or(0.5); };
  const Tensor x = Tensor::from(std::vector<float>{1, 3}, {1, 2});
  for (const bool log : {false, true}) {
    const Blend how{.weight = 0.25, .log = log};
    const WindowFunction moved = blended(one, {8, 8}, how);
    for (const double level : {0.1, 0.5, 0.9}) {
      std::vector<float> paths;
      for (const double of : {0.1, 0.5, 0.9}) {
        const Tensor values = one.values(x, of);
        paths.insert(paths.end(), values.values<float>().begin(), values.values<float>().end());
      }
      blend(paths, std::vector<float>{8, 8}, how);
      const size_t at = level < 0.3 ? 0 : level < 0.7 ? 2 : 4;
      const Tensor values = moved.values(x, level);
      EXPECT_NEAR(values.values<float>()[0], paths[at], 1e-5);
      EXPECT_NEAR(values.values<float>()[1], paths[at + 1], 1e-5);
    }
  }
}

TEST(ThetaBefore, IsTheLastValueOfAShortPast) {
  const Panel panel = panel_of({"1,2,3,4,5,6"}, data_options(2, 4));
  EXPECT_THAT(theta_before(panel.series[0], 2, 1, 2), ElementsAre(2, 2));
  EXPECT_GT(theta_before(panel.series[0], 6, 1, 2)[1], 6);
}

// Lines with noise, which the Theta method knows how to follow and a network of a step does not.
std::string lines(int series, int steps) {
  Random random(1);
  std::string out = "id,t,y\n";
  for (int i = 0; i < series; ++i) {
    const double slope = random.normal();
    for (int t = 0; t < steps; ++t) out += fmt::format("s{},{},{:.4f}\n", i, t, slope * t + 0.1 * random.normal());
  }
  return out;
}

class BlendTest : public ::testing::Test {
 protected:
  static std::unique_ptr<ForecastTask> make() {
    auto task = std::make_unique<ForecastTask>();
    task->options.data.horizon = 4;
    task->options.model.rnn.hidden = 8;
    task->options.model.base = "none";
    task->options.model.members = 1;
    return task;
  }

  std::filesystem::path data(int series) { return scratch_.put(fmt::format("{}.csv", series), lines(series, 40)); }

  Scratch scratch_;
};

TEST_F(BlendTest, IsChosenOnValidationDataOfManySeries) {
  const auto weight = [](const Trained& of) {
    return dynamic_cast<const ForecastTrained&>(of).options().model.blend.value_or(0);
  };
  const auto many = teach(make(), {.files = {data(50)}, .held_out = 0.1}, 1);
  const double first = many.training->validate().at("owa");
  EXPECT_EQ(weight(many.trained()), 0.75);
  EXPECT_EQ(many.training->validate().at("owa"), first);
  auto without = make();
  without->options.model.blend = 0;
  const auto network = teach(std::move(without), {.files = {data(50)}, .held_out = 0.1}, 1);
  EXPECT_GT(network.training->validate().at("owa"), first);
  const auto evaluated = [&](const Trained& of) { return with_use(of, {})->evaluate({data(50)}).at("owa"); };
  EXPECT_GT(evaluated(network.trained()), evaluated(many.trained()));
  EXPECT_EQ(weight(network.trained()), 0);

  const auto few = teach(make(), {.files = {data(49)}, .held_out = 0.1}, 1);
  few.training->validate();
  EXPECT_EQ(weight(few.trained()), 0);
}

TEST_F(BlendTest, IsWhatIsPredicted) {
  const auto predicted = [&](double weight) {
    auto task = make();
    task->options.model.blend = weight;
    Kept rows;
    teach(std::move(task), {.files = {data(3)}}, 1).trained().predict({data(3)}, rows);
    return rows.numbers("q0.5");
  };
  const std::vector<double> network = predicted(0), half = predicted(0.5), theta = predicted(1);
  ASSERT_EQ(network.size(), 12u);
  for (size_t i = 0; i < network.size(); ++i) EXPECT_NEAR(half[i], (network[i] + theta[i]) / 2, 1e-3);
  EXPECT_NE(network, theta);
}

TEST_F(BlendTest, GoesWithForecastsThatAreMadeAtOnce) {
  const auto refused = [&](const std::string& decoder, const std::string& base) {
    auto task = make();
    task->options.model.decoder = decoder;
    task->options.model.base = base;
    task->options.model.blend = 0.5;
    return teach(std::move(task), {.files = {data(3)}});
  };
  EXPECT_ERROR(refused("autoregressive", "none"), "blend: expected decoder = direct");
  EXPECT_ERROR(refused("direct", "theta"), "blend: expected decoder = direct, base = none");
}

}  // namespace
}  // namespace recur
