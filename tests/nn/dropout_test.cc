#include "recur/nn/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace recur {
namespace {

TEST(Dropout, DropsInTrainingAndKeepsTheExpectation) {
  Dropout layer(0.25);
  Random random(1);
  double sum = 0;
  int zeros = 0;
  const Tensor y = layer(Tensor::ones({100, 100}), Mode::training(random));
  for (const float value : y.values<float>()) {
    EXPECT_TRUE(value == 0 || value == 1 / 0.75f);
    zeros += value == 0;
    sum += value;
  }
  EXPECT_NEAR(zeros / 1e4, 0.25, 0.02);
  EXPECT_NEAR(sum / 1e4, 1, 0.02);
}

TEST(Dropout, PassesInEvaluationAndDrawsNothing) {
  const Dropout layer(0.5);
  const Tensor x = Tensor::ones({4, 2, 3}), ids = Tensor::from(std::vector<int32_t>(8, 0), {4, 2});
  default_random() = Random(1);
  EXPECT_EQ(layer(x, Mode::evaluation()).id(), x.id());
  EXPECT_EQ(drop_features(x, 0.5, true, Mode::evaluation()).id(), x.id());
  EXPECT_EQ(drop_symbols(x, ids, {.p = 0.5, .vocabulary = 2}, Mode::evaluation()).id(), x.id());
  EXPECT_EQ(default_random().state(), Random(1).state());
}

TEST(Dropout, RepeatsFromAStoredGenerator) {
  Dropout layer(0.5);
  Random random(3);
  layer(Tensor::ones({7}), Mode::training(random));
  Random again(random.state());
  const Tensor a = layer(Tensor::ones({50}), Mode::training(random)),
               b = layer(Tensor::ones({50}), Mode::training(again));
  EXPECT_TRUE(std::equal(a.values<float>().begin(), a.values<float>().end(), b.values<float>().begin()));
}

TEST(Dropout, LockedDropsTheSameFeaturesAtEveryStep) {
  Random random(2);
  const Tensor y = drop_features(Tensor::ones({5, 3, 4}), 0.5, true, Mode::training(random));
  const auto values = y.values<float>();
  for (size_t i = 12; i < values.size(); ++i) EXPECT_EQ(values[i], values[i % 12]);
  const Tensor pooled = drop_features(Tensor::ones({400, 4}), 0.5, true, Mode::training(random));
  EXPECT_NEAR(static_cast<double>(std::ranges::count(pooled.values<float>(), 0.0f)) / 1600, 0.5, 0.05);
}

TEST(Dropout, OfSymbolsDropsEachWhereverItStands) {
  Random random(2);
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < 60; ++i) ids.push_back(i % 10);
  const Tensor y = drop_symbols(Tensor::ones({6, 10, 2}), Tensor::from(ids, {6, 10}), {.p = 0.5, .vocabulary = 10},
                                Mode::training(random));
  const auto values = y.values<float>();
  int zeros = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i], values[i % 20 / 2 * 2]);
    zeros += values[i] == 0;
  }
  EXPECT_GT(zeros, 0);
  EXPECT_LT(zeros, 120);
}

TEST(Dropout, RejectsWhatIsNoProbability) {
  EXPECT_THROW(Dropout(-0.1), Error);
  EXPECT_THROW(Dropout(1.5), Error);
}

}  // namespace
}  // namespace recur
