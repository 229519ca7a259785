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

// As prediction has it: quantiles 0.1 to 0.9, their mean, and steps where the Theta method's forecast has no logarithm.
TEST(Blend, OfAFunctionIsThatOfItsPaths) {
  for (const int64_t count : {3, 4}) {
    const auto of_level = [&](double level) { return 2 + 5 * level * level; };
    WindowFunction one;
    one.values = [&](const Tensor& x, std::optional<double> level) {
      double mean = 0;
      for (int64_t k = 1; k <= count; ++k) mean += of_level(static_cast<double>(k) / static_cast<double>(count + 1));
      return x * (level ? of_level(*level) : mean / static_cast<double>(count));
    };
    const Tensor x = Tensor::from(std::vector<float>{1, 3}, {1, 2});
    ForecastModelOptions model;
    model.head = "quantiles";
    model.quantiles = count;
    for (const bool log : {false, true}) {
      const Blend how{.weight = 0.25, .log = log};
      const std::vector<float> theta{8, -8};
      const WindowFunction moved = blended(one, theta, how, middle_levels(model));
      std::vector<float> paths;
      const auto levels = [&](int64_t k) { return static_cast<double>(k) / static_cast<double>(count + 1); };
      for (int64_t k = 1; k <= count; ++k) {
        for (const double y : {1.0, 3.0}) paths.push_back(static_cast<float>(y * of_level(levels(k))));
      }
      blend(paths, theta, how);
      float mean = 0;
      for (int64_t k = 1; k <= count; ++k) {
        const Tensor values = moved.values(x, levels(k));
        EXPECT_NEAR(values.values<float>()[0], paths[static_cast<size_t>(2 * k - 2)], 1e-4);
        EXPECT_NEAR(values.values<float>()[1], paths[static_cast<size_t>(2 * k - 1)], 1e-4);
        mean += paths[static_cast<size_t>(2 * k - 2)] / static_cast<float>(count);
      }
      const Tensor values = moved.values(x, {});
      EXPECT_NEAR(values.values<float>()[0], mean, 1e-4);
    }
  }
}

TEST(ThetaBefore, IsNothingOfAShortPast) {
  const Panel panel = panel_of({"1,2,3,4,5,6"}, data_options(2, 4));
  EXPECT_FALSE(theta_before(panel.series[0], 2, 1, 2));
  EXPECT_FALSE(theta_before(panel.series[0], 5, 2, 2));
  EXPECT_GT(theta_before(panel.series[0], 6, 2, 2).value()[1], 6);
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
  EXPECT_EQ(weight(many.trained()), 0.5);
  EXPECT_EQ(many.training->validate().at("owa"), first);
  auto without = make();
  without->options.model.blend = 0;
  const auto network = teach(std::move(without), {.files = {data(50)}, .held_out = 0.1}, 1);
  EXPECT_GT(network.training->validate().at("owa"), first);
  const auto evaluated = [&](const Trained& of) { return with_use(of, {})->evaluate({data(50)}).at("owa"); };
  EXPECT_GT(evaluated(network.trained()), evaluated(many.trained()));
  EXPECT_EQ(weight(network.trained()), 0);

  const auto again = teach(make(), {.files = {data(50)}}, 1);  // a refit
  EXPECT_EQ(weight(again.trained()), 0);
  again.training->take_choices(many.trained());
  EXPECT_EQ(weight(again.trained()), 0.5);

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
