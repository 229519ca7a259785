#include "recur/tasks/baseline_results.h"

#include <gtest/gtest.h>

#include <limits>

namespace recur {
namespace {

Evaluation model(double accuracy) {
  return {.examples = 10, .metrics = {{"loss", 1}, {"accuracy", accuracy}, {"auc", 0.9}}};
}

BaselineResults baselines() {
  return {.by = {.metric = "accuracy", .higher_is_better = true},
          .methods = {{"majority", {{"accuracy", 0.5}}}, {"naive Bayes", {{"accuracy", 0.83}, {"loss", 2}}}}};
}

TEST(BaselineResults, ARowAMethodAndAColumnAMetricThatOneHas) {
  const Table table = methods_table(model(0.9), baselines());
  EXPECT_EQ(table.columns, (std::vector<std::string>{"method", "loss", "accuracy"}));
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0], (std::vector<TableCell>{"model", 1.0, 0.9}));
  EXPECT_EQ(table.rows[1], (std::vector<TableCell>{"majority", "none", 0.5}));
}

TEST(BaselineResults, TheVerdictNamesTheBestThatIsNoWorse) {
  EXPECT_EQ(verdict(model(0.73), baselines()),
            "the model is no better than naive Bayes: accuracy 0.73, naive Bayes 0.83");
  EXPECT_NE(verdict(model(0.83), baselines()), "");
  EXPECT_EQ(verdict(model(0.84), baselines()), "");
}

TEST(BaselineResults, OneThatHasSeenAPartOfTheDataIsNotSurpassed) {
  BaselineResults results = baselines();
  results.methods[0].part = "60 of 1200 clips";
  EXPECT_EQ(methods_table(model(0.9), results).rows[1][0], TableCell("majority (60 of 1200 clips)"));
  EXPECT_EQ(
      verdict(model(0.9), results),
      "majority has learnt from 60 of 1200 clips only: whether the model is better than with all of them is open");
  EXPECT_EQ(verdict(model(0.4), results), "the model is no better than naive Bayes: accuracy 0.4, naive Bayes 0.83");
  results.methods[0].metrics[0].value = 0.9;
  EXPECT_EQ(verdict(model(0.4), results),
            "the model is no better than majority (60 of 1200 clips): accuracy 0.4, majority 0.9");
}

TEST(BaselineResults, LowerMayBeBetter) {
  BaselineResults results = baselines();
  results.by = {.metric = "loss"};
  EXPECT_EQ(verdict(model(0.1), results), "");
  results.methods[0].metrics.push_back({"loss", 0.5});
  EXPECT_EQ(verdict(model(0.1), results), "the model is no better than majority: loss 1, majority 0.5");
}

TEST(BaselineResults, WithoutAValueThereIsNothingToSay) {
  EXPECT_EQ(verdict(model(std::numeric_limits<double>::quiet_NaN()), baselines()), "");
  EXPECT_EQ(verdict(model(0.1), {}), "");
  Evaluation evaluation = model(0.1);
  add_baselines(evaluation, {});
  EXPECT_TRUE(evaluation.tables.empty());
}

}  // namespace
}  // namespace recur
