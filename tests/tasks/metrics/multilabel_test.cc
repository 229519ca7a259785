#include "recur/tasks/metrics/multilabel.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "recur/base/random.h"

namespace recur {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

double at(const std::vector<Metric>& metrics, const std::string& name) {
  for (const Metric& metric : metrics)
    if (metric.name == name) return metric.value;
  return std::numeric_limits<double>::quiet_NaN();
}

std::vector<std::string> names_of(const std::vector<Metric>& metrics) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics) names.push_back(metric.name);
  return names;
}

// Three examples, two labels.
const LabelScores kScores{
    .labels = 2, .probabilities = {0.9, 0.2, 0.4, 0.6, 0.1, 0.7}, .answers = {1, 0, 1, kUnknown, 0, 1}};

TEST(MultiLabel, ScoredLeavesOutWhatIsNotKnown) {
  const auto things = scored(kScores, 1, all_rows(kScores));
  ASSERT_EQ(things.size(), 2u);
  EXPECT_EQ(things[0].score, 0.2);
  EXPECT_FALSE(things[0].positive);
  EXPECT_TRUE(things[1].positive);
}

TEST(MultiLabel, ScoredTakesRowsAsOftenAsTheyAreNamed) {
  EXPECT_EQ(scored(kScores, 0, std::vector<int64_t>{2, 2, 0}).size(), 3u);
}

TEST(MultiLabel, MicroTakesAllDecisionsTogetherAndMacroTheMeanOfLabels) {
  const std::vector<double> thresholds{0.5, 0.65};
  const auto metrics = multilabel_metrics(kScores, thresholds, all_rows(kScores));
  EXPECT_THAT(names_of(metrics),
              ::testing::ElementsAre("micro_auc", "macro_auc", "micro_auprc", "macro_auprc", "micro_f1", "macro_f1"));
  EXPECT_DOUBLE_EQ(at(metrics, "macro_auc"), 1);
  EXPECT_DOUBLE_EQ(at(metrics, "micro_auc"), 1);
  EXPECT_DOUBLE_EQ(at(metrics, "macro_f1"), (2.0 / 3 + 1) / 2);  // label 0: one hit, one miss
  EXPECT_DOUBLE_EQ(at(metrics, "micro_f1"), 0.8);
}

TEST(MultiLabel, OneLabelHasPlainNames) {
  const LabelScores scores{.labels = 1, .probabilities = {0.9, 0.2, 0.3}, .answers = {1, 0, 1}};
  EXPECT_THAT(names_of(multilabel_metrics(scores, std::vector<double>{0.5}, all_rows(scores))),
              ::testing::ElementsAre("auc", "auprc", "f1"));
}

TEST(MultiLabel, ALabelOfOneAnswerAloneHasNoAuc) {
  const LabelScores one{.labels = 1, .probabilities = {0.9, 0.2}, .answers = {0, 0}};
  EXPECT_THAT(names_of(multilabel_metrics(one, std::vector<double>{0.5}, all_rows(one))), ::testing::ElementsAre("f1"));
  const LabelScores two{.labels = 2, .probabilities = {0.9, 0.2, 0.1, 0.3}, .answers = {1, 0, 0, 0}};
  EXPECT_DOUBLE_EQ(at(multilabel_metrics(two, std::vector<double>{0.5, 0.5}, all_rows(two)), "macro_auc"), 1);
}

TEST(MultiLabel, PrecisionAtTakesTheMostProbableOfEachExample) {
  const LabelScores scores{.labels = 3,
                           .probabilities = {0.9, 0.8, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7},
                           .answers = {1, 0, 1, 1, 1, 1, 0, 0, 0}};
  EXPECT_DOUBLE_EQ(*precision_at(scores, 2, all_rows(scores)), (0.5 + 1 + 0) / 3);
  EXPECT_FALSE(precision_at(scores, 4, all_rows(scores)));
}

TEST(MultiLabel, PrecisionAtTenIsThereForMoreThanTenLabels) {
  LabelScores scores{.labels = 11, .probabilities = {}, .answers = {}};
  for (int l = 0; l < 11; ++l) {
    scores.probabilities.push_back(0.05 * l);
    scores.answers.push_back(l == 10 || l == 0 ? 1 : 0);
  }
  const std::vector<double> thresholds(11, 0.5);
  EXPECT_DOUBLE_EQ(at(multilabel_metrics(scores, thresholds, all_rows(scores)), "precision_at_10"), 0.1);
}

// No threshold gives a higher F1, tried one by one.
TEST(MultiLabel, BestThresholdIsBest) {
  Random random(3);
  for (const uint64_t levels : {3u, 20u, 1000u}) {
    std::vector<Scored> things;
    for (int i = 0; i < 50; ++i) {
      things.push_back(
          {static_cast<double>(random.below(levels)) / static_cast<double>(levels), random.bernoulli(0.3)});
    }
    const double found = counts(things, best_threshold(things)).f1();
    for (const Scored& thing : things) EXPECT_GE(found + 1e-12, counts(things, thing.score).f1()) << levels;
  }
}

TEST(MultiLabel, BestThresholdWithoutAPositiveIsAHalf) {
  EXPECT_EQ(best_threshold({}), 0.5);
  EXPECT_EQ(best_threshold(std::vector<Scored>{{0.3, false}, {0.9, false}}), 0.5);
}

}  // namespace
}  // namespace recur
