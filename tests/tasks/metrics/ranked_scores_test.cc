#include "recur/tasks/metrics/ranked_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/quantile.h"
#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

// Many of them equal, in pieces on disk and in memory.
TEST(RankedScores, AreTheMetricsOfScoresInMemoryToTheSameBits) {
  for (const int count : {1, 5, 1024, 9000}) {
    Random random(static_cast<uint64_t>(count));
    std::vector<Scored> things;
    std::vector<double> sorted;
    RankedScores disk(1), memory(1 << 20);
    for (int i = 0; i < count; ++i) {
      const double score = std::floor(random.uniform64() * 500) / 7 - 20;
      things.push_back({score, random.bernoulli(0.2)});
      sorted.push_back(score);
      disk.add(things.back().score, things.back().positive);
      memory.add(things.back().score, things.back().positive);
    }
    sort_numbers(sorted);
    for (RankedScores* ranked : {&disk, &memory}) {
      EXPECT_EQ(ranked->size(), count);
      EXPECT_EQ(ranked->roc_auc(), roc_auc(things));
      EXPECT_EQ(ranked->average_precision(), average_precision(things));
      EXPECT_EQ(ranked->best_f1_threshold(), best_f1_threshold(things));
      for (const double share : {0.0, 0.3, 0.99, 1.0}) {
        EXPECT_EQ(ranked->quantile(share), quantile(std::span<const double>(sorted), share));
      }
    }
  }
}

TEST(RankedScores, OfNoneOrOneKindHaveNoMetrics) {
  RankedScores none, negative;
  negative.add(3, false);
  for (RankedScores* ranked : {&none, &negative}) {
    EXPECT_FALSE(ranked->roc_auc());
    EXPECT_FALSE(ranked->average_precision());
    EXPECT_FALSE(ranked->best_f1_threshold());
  }
}

TEST(RankedScores, RefuseWhatHasNoRank) {
  RankedScores scores;
  scores.add(1, true);
  EXPECT_ERROR(scores.add(std::numeric_limits<double>::quiet_NaN(), true),
               "score 2: expected a finite number, got NaN");
}

}  // namespace
}  // namespace recur
