#include "recur/tasks/classify/kernel_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recur/base/random.h"
#include "recur/tasks/classify/classify_examples.h"

namespace recur {
namespace {

struct Series {
  DatasetPtr<EncodedSequence> sequences;
  std::vector<float> classes;
};

// Noise in two channels of 24 to 40 steps; class 1 has a short wave somewhere in the second. Or labels by chance.
Series drawn(int64_t count, uint64_t seed, bool by_chance = false) {
  Random random(seed);
  Series out;
  std::vector<EncodedSequence> all;
  for (int64_t i = 0; i < count; ++i) {
    EncodedSequence series;
    series.steps = 24 + static_cast<int64_t>(random.below(17));
    series.features = 2;
    for (int64_t k = 0; k < series.steps * 2; ++k) series.values.push_back(random.normal());
    const auto at = static_cast<int64_t>(random.below(static_cast<uint64_t>(series.steps - 8)));
    for (int64_t t = 0; t < 8 && i % 2 == 1; ++t) series.values[(at + t) * 2 + 1] += t % 4 < 2 ? 3.0f : -3.0f;
    out.classes.push_back(by_chance ? static_cast<float>(random.below(2)) : static_cast<float>(i % 2));
    all.push_back(std::move(series));
  }
  out.sequences = dataset_of(std::move(all));
  return out;
}

double accuracy(std::span<const float> scores, std::span<const float> classes) {
  double right = 0;
  for (size_t i = 0; i < classes.size(); ++i) right += (scores[2 * i + 1] > scores[2 * i]) == (classes[i] == 1);
  return right / static_cast<double>(classes.size());
}

TEST(KernelPath, LearnsAShapeAtAnyPlaceFromFewSeries) {
  KernelPath path({.channels = 2, .steps = 40, .features = 84 * 6}, 2);
  const Series train = drawn(80, 1), test = drawn(100, 2);
  path.fit(train.sequences, train.classes, {}, 1);
  EXPECT_GT(accuracy(path.scores(*test.sequences), test.classes), 0.9);
}

TEST(KernelPath, UnseenScoresDoNotKnowTheLabelOfTheirSeries) {
  KernelPath path({.channels = 2, .steps = 40, .features = 84 * 6}, 2);
  const Series noise = drawn(120, 3, true);
  const KernelPath::Fit fit = path.fit(noise.sequences, noise.classes, {}, 1);
  EXPECT_EQ(std::ssize(fit.learnt), 120);
  EXPECT_LT(accuracy(path.unseen_scores(*noise.sequences, fit), noise.classes), 0.65);
}

TEST(KernelPath, DoesNotLearnFromSeriesOfWeightZero) {
  KernelPath path({.channels = 2, .steps = 40, .features = 84}, 2);
  const Series train = drawn(40, 1);
  std::vector<float> weights(40, 1);
  weights[7] = 0;
  const KernelPath::Fit fit = path.fit(train.sequences, train.classes, weights, 1);
  EXPECT_EQ(std::ranges::count(fit.learnt, 7), 0);
  EXPECT_EQ(std::ssize(fit.learnt), 39);
}

TEST(KernelPath, BatchesAndPrecisionDoNotMatter) {
  KernelPath path({.channels = 2, .steps = 40, .features = 84 * 2}, 2);
  const Series train = drawn(40, 1);
  path.fit(train.sequences, train.classes, {}, 1);
  const std::vector<float> scores = path.scores(*train.sequences);
  path.to(DType::kF64);
  const std::vector<float> precise = path.scores(*train.sequences);
  const std::vector<float> alone = path.scores(*subset(train.sequences, {5}));
  for (size_t k = 0; k < scores.size(); ++k) EXPECT_NEAR(scores[k], precise[k], 1e-3);
  for (size_t c = 0; c < 2; ++c) EXPECT_NEAR(alone[c], precise[10 + c], 1e-5);
}

}  // namespace
}  // namespace recur
