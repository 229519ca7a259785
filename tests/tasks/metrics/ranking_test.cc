#include "recur/tasks/metrics/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

// By the definition: over all pairs.
double auc_by_pairs(const std::vector<Scored>& things) {
  double won = 0, pairs = 0;
  for (const Scored& p : things) {
    for (const Scored& n : things) {
      if (!p.positive || n.positive) continue;
      ++pairs;
      won += p.score > n.score ? 1 : p.score == n.score ? 0.5 : 0;
    }
  }
  return won / pairs;
}

TEST(RocAuc, IsTheShareOfPairsInOrder) {
  Random random(5);
  for (const uint64_t levels : {2u, 5u, 1000u}) {
    std::vector<Scored> things;
    for (int i = 0; i < 60; ++i) things.push_back({static_cast<double>(random.below(levels)), random.bernoulli(0.3)});
    EXPECT_NEAR(*roc_auc(things), auc_by_pairs(things), 1e-12) << levels;
  }
}

TEST(RocAuc, KnowsBestWorstAndChance) {
  const std::vector<Scored> good{{2, true}, {1, false}}, bad{{1, true}, {2, false}}, same{{1, true}, {1, false}};
  EXPECT_EQ(roc_auc(good), 1);
  EXPECT_EQ(roc_auc(bad), 0);
  EXPECT_EQ(roc_auc(same), 0.5);
}

TEST(RocAuc, HasNoValueWithOneKindOnly) {
  const std::vector<Scored> one{{1, true}, {2, true}};
  EXPECT_FALSE(roc_auc(one));
  EXPECT_FALSE(roc_auc({}));
  EXPECT_EQ(average_precision(one), 1);
  EXPECT_FALSE(average_precision({}));
}

TEST(AveragePrecision, IsTheMeanPrecisionAtThePositives) {
  const std::vector<Scored> things{{0.9, true}, {0.8, false}, {0.7, true}, {0.6, false}};
  EXPECT_DOUBLE_EQ(*average_precision(things), (1.0 + 2.0 / 3) / 2);
}

TEST(AveragePrecision, OfOneScoreForAllIsTheShareOfPositives) {
  std::vector<Scored> things(8, Scored{.score = 0.5});
  things[3].positive = things[7].positive = true;
  EXPECT_DOUBLE_EQ(*average_precision(things), 0.25);
}

TEST(OneVsRestAuc, IsTheMeanOverClassesThatHaveOne) {
  const std::vector<float> probabilities{0.7f, 0.2f, 0.1f, 0.4f, 0.5f, 0.1f, 0.6f, 0.3f, 0.1f};
  const std::vector<int32_t> classes{0, 1, 1};  // none is 2
  EXPECT_DOUBLE_EQ(*one_vs_rest_auc(probabilities, classes), 1);
  EXPECT_FALSE(one_vs_rest_auc(std::vector<float>{1, 0}, std::vector<int32_t>{0}));
  EXPECT_FALSE(one_vs_rest_auc({}, {}));
}

// By trying every threshold.
double best_f1_by_trial(const std::vector<Scored>& things) {
  double best = 0;
  for (const Scored& at : things) {
    double hits = 0, flagged = 0, positives = 0;
    for (const Scored& thing : things) {
      flagged += thing.score >= at.score;
      positives += thing.positive;
      hits += thing.score >= at.score && thing.positive;
    }
    best = std::max(best, 2 * hits / (flagged + positives));
  }
  return best;
}

TEST(BestF1Threshold, IsAsGoodAsAnyOther) {
  Random random(7);
  for (const uint64_t levels : {2u, 6u, 1000u}) {
    std::vector<Scored> things{{0, true}};
    for (int i = 0; i < 50; ++i) things.push_back({static_cast<double>(random.below(levels)), random.bernoulli(0.3)});
    const double threshold = *best_f1_threshold(things);
    double hits = 0, flagged = 0, positives = 0;
    for (const Scored& thing : things) {
      flagged += thing.score > threshold;
      positives += thing.positive;
      hits += thing.score > threshold && thing.positive;
    }
    EXPECT_DOUBLE_EQ(2 * hits / (flagged + positives), best_f1_by_trial(things)) << levels;
  }
}

TEST(BestF1Threshold, LiesBetweenScoresAndNeedsPositives) {
  EXPECT_EQ(best_f1_threshold(std::vector<Scored>{{1, false}, {3, true}}), 2);
  EXPECT_LT(*best_f1_threshold(std::vector<Scored>{{1, true}, {1, true}}), 1);
  EXPECT_EQ(best_f1_threshold(std::vector<Scored>{{1, false}}), std::nullopt);
  EXPECT_EQ(best_f1_threshold({}), std::nullopt);
}

TEST(Ranking, RefusesScoresThatHaveNoRankAtOnce) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const std::vector<Scored> things{{0.5, true}, {bad, false}, {0.25, true}};
    EXPECT_ERROR(roc_auc(things), "score 2 of 3: expected a finite number");
    EXPECT_ERROR(average_precision(things), "score 2 of 3");
    EXPECT_ERROR(best_f1_threshold(things), "score 2 of 3");
    const std::vector<float> probabilities{0.5f, 0.5f, static_cast<float>(bad), 0.5f};
    EXPECT_ERROR(one_vs_rest_auc(probabilities, std::vector<int32_t>{0, 1}), "score 2 of 2");
  }
}

}  // namespace
}  // namespace recur
