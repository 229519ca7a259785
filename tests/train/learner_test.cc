#include "recur/train/learner.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/ops/sum.h"
#include "recur/train/meter.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

struct One : Module {
  explicit One(double rate_factor = 1) { register_parameter("w", Parameter(w), rate_factor); }
  double after(Learner& learner, std::vector<float> gradient, const Progress& progress = {}) {
    w.set_grad(Tensor::from(gradient, {2}));
    return learner.step(progress);
  }
  Tensor w = Tensor::ones({2});
};

LearningOptions sgd(double rate, double clip = 0) {
  LearningOptions options;
  options.optimizer.name = "sgd";
  options.optimizer.rate = rate;
  options.clip = clip;
  return options;
}

RateOptions rate(const std::string& schedule) {
  RateOptions options;
  options.schedule.name = schedule;
  return options;
}

TEST(Learner, MultipliesTheRateByWhatALayerAsksFor) {
  One one(0.25);
  Learner learner(one, sgd(0.5), rate("constant"), false);
  one.after(learner, {8, 0});
  EXPECT_EQ(one.w.values<float>()[0], 0);  // 1 - 0.25 * 0.5 * 8
  EXPECT_EQ(one.w.values<float>()[1], 1);
}

TEST(Learner, ClipsTheNormWithTheFactorWhereElementsAreClippedToo) {
  One one(0.25);
  LearningOptions options = sgd(1, 1);
  options.clip_value = 100;
  Learner learner(one, options, rate("constant"), false);
  EXPECT_DOUBLE_EQ(one.after(learner, {8, 0}), 2);  // of which half is left
  EXPECT_NEAR(one.w.values<float>()[0], 0, 1e-5);   // 1 - 0.25 * 4
}

TEST(Learner, StepsAndDropsTheGradient) {
  One one;
  Learner learner(one, sgd(0.5), rate("constant"), false);
  EXPECT_DOUBLE_EQ(one.after(learner, {3, 4}), 5);
  EXPECT_EQ(one.w.data<float>()[0], 1 - 1.5f);
  EXPECT_FALSE(one.w.grad().defined());
}

TEST(Learner, ClipsByNormThenByValueAndReturnsTheNormBefore) {
  One one;
  LearningOptions options = sgd(1, 1);
  options.clip_value = 0.7;
  Learner learner(one, options, rate("constant"), false);
  EXPECT_DOUBLE_EQ(one.after(learner, {3, 4}), 5);
  EXPECT_NEAR(one.w.data<float>()[0], 1 - 0.6, 1e-6);
  EXPECT_NEAR(one.w.data<float>()[1], 1 - 0.7, 1e-6);
}

TEST(Learner, LeavesTheParametersWhereTheGradientIsNotFinite) {
  for (const double clip : {0.0, 1.0}) {
    One one;
    Learner learner(one, sgd(1, clip), rate("constant"), false);
    EXPECT_FALSE(std::isfinite(one.after(learner, {1, INFINITY})));
    EXPECT_TRUE(std::isnan(one.after(learner, {NAN, 1})));
    EXPECT_EQ(one.w.data<float>()[1], 1);
    EXPECT_EQ(learner.optimizer().steps(), 0);
  }
}

// Cosine and linear go by the share of the budget, whatever it is made of: time, epochs or steps.
TEST(Learner, TheRateFollowsTheShareOfTheBudget) {
  One one;
  RateOptions options = rate("linear");
  options.schedule.floor = 0.2;
  Learner learner(one, sgd(10), options, false);
  for (const double share : {0.0, 0.25, 0.5, 0.999, 1.0}) {
    one.after(learner, {0, 0}, {.step = 17, .epoch = 3, .share = share});
    EXPECT_NEAR(learner.rate(), 10 * (1 - 0.8 * share), 1e-9) << share;
  }
  Learner cosine(one, sgd(10), rate("cosine"), false);
  one.after(cosine, {0, 0}, {.share = 1.0 / 3});
  EXPECT_NEAR(cosine.rate(), 7.5, 1e-9);
}

TEST(Learner, WarmUpCountsStepsOnTopOfAnySchedule) {
  One one;
  RateOptions options = rate("exponential");
  options.schedule.warmup = 4;
  options.schedule.decay = 0.5;
  Learner learner(one, sgd(8), options, false);
  const auto rate_at = [&](int64_t step, int64_t epoch) {
    one.after(learner, {0, 0}, {.step = step, .epoch = epoch});
    return learner.rate();
  };
  EXPECT_DOUBLE_EQ(rate_at(0, 0), 2);
  EXPECT_DOUBLE_EQ(rate_at(3, 0), 8);
  EXPECT_DOUBLE_EQ(rate_at(4, 1), 4);
  EXPECT_DOUBLE_EQ(rate_at(1, 2), 1);
}

TEST(Learner, PlateauGoesByTheMetricInItsDirection) {
  for (const bool maximize : {false, true}) {
    One one;
    RateOptions options = rate("plateau");
    options.schedule.patience = 1;
    options.schedule.decay = 0.1;
    Learner learner(one, sgd(1), options, maximize);
    const double sign = maximize ? 1 : -1;
    for (const double better : {0.1, 0.2, 0.3}) learner.observe(10 + sign * better, 1);
    one.after(learner, {0, 0});
    EXPECT_DOUBLE_EQ(learner.rate(), 1);
    for (int i = 0; i < 2; ++i) learner.observe(10, 1);
    one.after(learner, {0, 0});
    EXPECT_DOUBLE_EQ(learner.rate(), 0.1);
  }
}

TEST(Learner, AveragesFromTheStartWhereTheIntervalIsZero) {
  One one;
  LearningOptions options = sgd(1);
  options.optimizer.name = "asgd";
  options.average_interval = 0;
  Learner learner(one, options, rate("constant"), false);
  one.after(learner, {1, 1});   // 0
  one.after(learner, {-1, 2});  // 1, -2
  EXPECT_EQ(learner.observe(1, 1), "");
  const AverageScope scope(learner.optimizer());
  EXPECT_NEAR(one.w.data<float>()[0], 0.5, 1e-6);
  EXPECT_NEAR(one.w.data<float>()[1], -1, 1e-6);
}

TEST(Learner, AddsThePenaltyToTheObjective) {
  One one;
  LearningOptions options = sgd(1);
  EXPECT_EQ(Learner(one, options, rate("constant"), false).penalized(sum(one.w)).item(), 2);
  options.l1 = 0.25;
  EXPECT_DOUBLE_EQ(Learner(one, options, rate("constant"), false).penalized(sum(one.w)).item(), 2.5);
}

TEST(Learner, GoesOnFromItsState) {
  One a, b;
  RateOptions options = rate("plateau");
  options.schedule.patience = 0;
  LearningOptions learning = sgd(0.1);
  learning.optimizer.momentum = 0.9;
  Learner first(a, learning, options, false), second(b, learning, options, false);
  for (const float g : {1.0f, -2.0f}) a.after(first, {g, 1});
  first.observe(1, 1);
  first.observe(2, 1);
  NamedTensors state;
  for (const auto& [name, value] : first.state()) state.push_back({name, value.clone()});
  second.load_state(state);
  b.w.copy_from(a.w);
  for (int i = 0; i < 3; ++i) {
    a.after(first, {0.5f, 3});
    b.after(second, {0.5f, 3});
    EXPECT_EQ(first.rate(), second.rate());
    EXPECT_EQ(a.w.data<float>()[1], b.w.data<float>()[1]);
  }
  EXPECT_DOUBLE_EQ(first.rate(), 0.05);
}

TEST(LossMeter, WeighsByExamplesAndKeepsTheHighestNorm) {
  LossMeter meter;
  EXPECT_EQ(meter.loss(), 0);
  meter.add(1, 10, 3);
  meter.add(4, 30, 2);
  EXPECT_DOUBLE_EQ(meter.loss(), (10 + 120) / 40.0);
  EXPECT_EQ(meter.highest_norm, 3);
}

TEST(FadingMean, IsTheMeanAtFirstAndForgets) {
  FadingMean mean(0.5);
  EXPECT_EQ(mean.value(), 0);
  mean.add(8);
  EXPECT_DOUBLE_EQ(mean.value(), 8);
  mean.add(2);
  EXPECT_DOUBLE_EQ(mean.value(), (4 + 2) / 1.5);
  for (int i = 0; i < 60; ++i) mean.add(3);
  EXPECT_NEAR(mean.value(), 3, 1e-12);
  FadingMean speed(0.5);
  speed.add(100, 2);  // 100 examples in 2 s
  EXPECT_DOUBLE_EQ(speed.value(), 50);
}

}  // namespace
}  // namespace recur
