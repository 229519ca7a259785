#include "recur/tasks/groups/group_thresholds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

struct Records {
  std::vector<double> scores;
  std::vector<bool> positive;
  std::vector<std::string> groups;

  Grouping grouping() const { return group_by("sex", groups); }
};

// Scores that say more of group a than of b, on a grid, so that many are alike.
Records drawn_records(uint64_t seed, int64_t count) {
  Random random(seed);
  Records out;
  for (int64_t i = 0; i < count; ++i) {
    const bool a = random.uniform() < 0.7, positive = random.uniform() < (a ? 0.5 : 0.2);
    const double noise = a ? 0.6 : 1.5;
    const double score = (positive ? 0.6 : 0.4) + noise * (random.uniform() - 0.5);
    out.scores.push_back(std::round(20 * std::clamp(score, 0.0, 1.0)) / 20);
    out.positive.push_back(positive);
    out.groups.emplace_back(random.uniform() < 0.02 ? "" : a ? "a" : "b");
  }
  return out;
}

// The expected share of positive decisions of a group's records of one truth.
double rate(const Records& records, const GroupThresholds& thresholds, const std::string& group, bool positive) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < records.scores.size(); ++i) {
    if (records.groups[i] != group || records.positive[i] != positive) continue;
    sum += thresholds.of(group).chance(records.scores[i]);
    ++count;
  }
  return sum / count;
}

// The errors of all records in groups, in expectation.
double errors(const Records& records, const GroupThresholds& thresholds) {
  double sum = 0;
  for (size_t i = 0; i < records.scores.size(); ++i) {
    if (records.groups[i].empty()) continue;
    const double chance = thresholds.of(records.groups[i]).chance(records.scores[i]);
    sum += records.positive[i] ? 1 - chance : chance;
  }
  return sum;
}

TEST(GroupThresholds, EqualizeTheOddsOfAllGroups) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Records records = drawn_records(seed, 60 + 40 * static_cast<int64_t>(seed));
    const GroupThresholds thresholds = equalize_odds(records.scores, records.positive, records.grouping());
    for (const char* group : {"a", "b"}) {
      EXPECT_NEAR(rate(records, thresholds, group, true), thresholds.true_positive_rate, 1e-9) << seed << group;
      EXPECT_NEAR(rate(records, thresholds, group, false), thresholds.false_positive_rate, 1e-9) << seed << group;
    }
  }
}

// Of all pairs of rates on a fine grid that both groups can reach, none has fewer errors.
TEST(GroupThresholds, HaveTheFewestErrors) {
  const Records records = drawn_records(5, 200);
  const Grouping grouping = records.grouping();
  const GroupThresholds best = equalize_odds(records.scores, records.positive, grouping);
  double positives = 0, negatives = 0;
  for (size_t i = 0; i < records.scores.size(); ++i)
    if (!records.groups[i].empty()) ++(records.positive[i] ? positives : negatives);
  EXPECT_NEAR(errors(records, best), negatives * best.false_positive_rate + positives * (1 - best.true_positive_rate),
              1e-6);
  // Mixtures of two thresholds of a group are what it can reach.
  const auto highest = [&](const std::string& group, double false_positives) {
    double found = 0;
    for (double t = 0; t <= 1.05; t += 0.05) {
      for (double u = t; u <= 1.05; u += 0.05) {
        for (double share = 0; share <= 1; share += 0.1) {
          GroupThresholds one;
          one.rules[group] = {.first = t - 1e-9, .second = u - 1e-9, .chance_of_second = share};
          if (rate(records, one, group, false) <= false_positives)
            found = std::max(found, rate(records, one, group, true));
        }
      }
    }
    return found;
  };
  for (double rate = 0.05; rate < 1; rate += 0.3) {
    const double reached = std::min(highest("a", rate), highest("b", rate));
    EXPECT_GE(negatives * rate + positives * (1 - reached), errors(records, best) - 1e-6) << rate;
  }
}

TEST(GroupThresholds, ArePerfectWhereScoresAre) {
  const std::vector<double> scores{0.1, 0.9, 0.3, 0.5};
  const std::vector<bool> positive{false, true, false, true};
  const std::vector<std::string> groups{"a", "a", "b", "b"};
  const GroupThresholds thresholds = equalize_odds(scores, positive, group_by("g", groups));
  EXPECT_EQ(thresholds.true_positive_rate, 1);
  EXPECT_EQ(thresholds.false_positive_rate, 0);
  EXPECT_EQ(thresholds.of("b").chance(0.5), 1);
  EXPECT_EQ(thresholds.of("b").chance(0.4), 0);
}

TEST(GroupThresholds, ComeBackFromText) {
  const Records records = drawn_records(3, 200);
  GroupThresholds thresholds = equalize_odds(records.scores, records.positive, records.grouping());
  thresholds.columns = {"sex"};
  thresholds.bands = {"age=25,45"};
  thresholds.positive = "yes";
  const GroupThresholds back = GroupThresholds::from_text(thresholds.to_text());
  EXPECT_EQ(back.to_text(), thresholds.to_text());
  for (const double score : records.scores) EXPECT_EQ(back.of("b").chance(score), thresholds.of("b").chance(score));
  EXPECT_ERROR(back.of("c"), "no threshold for the group 'c'");
  EXPECT_ERROR(GroupThresholds::from_text("[]"), "");
  std::string broken = thresholds.to_text();
  broken.replace(broken.find("\"blind_positive\":") + 17, 1, "7");
  EXPECT_ERROR(GroupThresholds::from_text(broken), "blind_positive: expected a probability");
}

TEST(GroupThresholds, NeedBothAnswersInEveryGroup) {
  const std::vector<std::string> groups{"a", "a", "b", "b"};
  const std::vector<double> scores{0.1, 0.9, 0.3, 0.5};
  EXPECT_ERROR(equalize_odds(scores, {false, true, true, true}, group_by("g", groups)),
               "of the group 'b', got 2 and 0");
  EXPECT_ERROR(equalize_odds(scores, {false, true, true, true}, group_by("g", std::vector<std::string>(4, "a"))),
               "expected two groups");
}

TEST(ChanceOfRecord, IsEvenOverNames) {
  double sum = 0;
  int64_t low = 0;
  for (int i = 0; i < 10000; ++i) {
    const double chance = chance_of_record(std::to_string(i));
    ASSERT_TRUE(chance >= 0 && chance < 1);
    sum += chance;
    low += chance < 0.1 ? 1 : 0;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
  EXPECT_NEAR(static_cast<double>(low), 1000, 100);
}

}  // namespace
}  // namespace recur
