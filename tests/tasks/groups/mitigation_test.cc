#include "recur/tasks/groups/mitigation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

// Six of a, three of b, one of neither; positives are four, one and one.
const std::vector<std::string> kGroups{"a", "a", "a", "a", "a", "a", "b", "b", "b", ""};
const std::vector<int32_t> kLabels{1, 1, 1, 1, 0, 0, 1, 0, 0, 1};

Mitigation made(const std::string& kind, std::optional<double> strength = {}) {
  return {MitigationOptions{.kind = kind, .strength = strength}, group_by("sex", kGroups), kLabels};
}

TEST(Mitigation, ReweighingMakesLabelsIndependentOfGroups) {
  const Mitigation mitigation = made("reweighing");
  const std::vector<float>& weights = mitigation.weights();
  double positive[2] = {0, 0}, all[2] = {0, 0}, sum = 0;
  for (size_t i = 0; i < 9; ++i) {
    const size_t g = kGroups[i] == "a" ? 0 : 1;
    all[g] += weights[i];
    positive[g] += kLabels[i] * weights[i];
    sum += weights[i];
  }
  EXPECT_NEAR(positive[0] / all[0], positive[1] / all[1], 1e-6);
  EXPECT_NEAR(sum, 9, 1e-5);
  EXPECT_NEAR(weights[6], 5.0 * 3 / (9 * 1), 1e-6);  // P(b) P(1) / P(b, 1) = 3/9 5/9 / (1/9)
  EXPECT_EQ(weights[9], 1);                          // in no group
  EXPECT_TRUE(mitigation.draws().empty());
}

TEST(Mitigation, BalancedDrawsEachGroupEquallyOften) {
  const std::vector<int64_t> draws = made("balanced").draws();
  int64_t a = 0, b = 0, none = 0;
  for (const int64_t i : draws) ++(kGroups[size_t(i)] == "a" ? a : kGroups[size_t(i)] == "b" ? b : none);
  EXPECT_EQ(a, 6);
  EXPECT_EQ(b, 6);
  EXPECT_EQ(none, 1);
  EXPECT_THAT(drawn(draws, std::vector<int32_t>{0, 10, 11, 12}), ElementsAre(0, 6, 7, 8));
  EXPECT_THAT(drawn({}, std::vector<int32_t>{3, 1}), ElementsAre(3, 1));
}

TEST(Mitigation, GroupDroFollowsTheLossesOfTheGroups) {
  Mitigation mitigation = made("group-dro", 0.5);
  const std::vector<int32_t> which{0, 1, 6, 9};
  const std::vector<float> losses{1, 3, 4, 9}, counts{1, 1, 1, 1};
  // q is 1/2 each, times exp(.5 loss): a has mean loss 2, b has 4.
  const double a = std::exp(1.0), b = std::exp(2.0);
  const auto share_of_a = static_cast<float>(a / (a + b)), share_of_b = static_cast<float>(b / (a + b));
  EXPECT_THAT(mitigation.factors(which, losses, counts),
              ElementsAre(FloatNear(3 * share_of_a / 2, 1e-6f), FloatNear(3 * share_of_a / 2, 1e-6f),
                          FloatNear(3 * share_of_b, 1e-6f), 1.0f));
  // What does not count has no part in it, and a group that is not there keeps its weight but for the sum.
  const std::vector<float> first_alone{1, 0, 0, 0};
  const double next = a * std::exp(0.5), sum = next + b;
  EXPECT_THAT(mitigation.factors(which, losses, first_alone),
              ElementsAre(FloatNear(static_cast<float>(next / sum), 1e-6f), 1.0f, 1.0f, 1.0f));
  EXPECT_TRUE(mitigation.weighs());
}

TEST(Mitigation, ParityIsTheSquaredGapsToTheMeanOfAll) {
  const Mitigation mitigation = made("parity", 2);
  const std::vector<int32_t> which{0, 1, 6, 9};
  const Tensor probabilities = Tensor::from(std::vector<float>{0.2f, 0.4f, 0.9f, 0.7f}, {4, 1});
  const double mean = (0.2 + 0.4 + 0.9) / 3;  // the last is in no group
  EXPECT_NEAR(mitigation.penalty(probabilities, which).item(), 2 * (std::pow(0.3 - mean, 2) + std::pow(0.9 - mean, 2)),
              1e-6);
  EXPECT_FALSE(mitigation.penalty(probabilities.detach(), std::vector<int32_t>{9, 9, 9, 9}).defined());
  EXPECT_FALSE(mitigation.weighs());
}

TEST(Mitigation, ChecksWhatItIsAskedFor) {
  const DataFile table = DataFile::from_memory("t.csv", "id,sex,age\n1,f,old\n2,m,old\n3,f,young\n");
  const std::vector<std::string> names{"1", "2", "3"};
  const std::vector<int64_t> all{0, 1, 2}, women{0, 2};
  const auto make = [&](const MitigationOptions& options, const std::vector<int64_t>& which = {0, 1, 2}) {
    return make_mitigation(options, {table}, names, which, std::vector<int32_t>(which.size(), 0));
  };
  EXPECT_EQ(make({}).taken(), "");
  EXPECT_EQ(make({.kind = "balanced", .groups = {"sex"}}).taken(), "balanced by sex: f (2), m (1)");
  EXPECT_EQ(make({.kind = "balanced", .groups = {"sex", "age"}}).taken(),
            "balanced by sex & age: f & old (1), f & young (1), m & old (1)");
  EXPECT_ERROR(make({.kind = "balanced"}), "mitigate: expected groups");
  EXPECT_ERROR(make({.groups = {"sex"}}), "groups: expected together with mitigate, got none");
  EXPECT_ERROR(make({.kind = "balanced", .strength = 1, .groups = {"sex"}}), "mitigate_strength");
  EXPECT_ERROR(make({.kind = "balanced", .groups = {"sex"}}, women), "expected two groups of sex or more");
  EXPECT_ERROR(make({.kind = "balanced", .groups = {"height"}}), "height");
}

}  // namespace
}  // namespace recur
