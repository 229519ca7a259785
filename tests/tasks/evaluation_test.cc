#include "recur/tasks/evaluation.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Evaluation, MetricsAreFoundByName) {
  const Evaluation evaluation{.examples = 3, .metrics = {{"loss", 1.5}, {"accuracy", 0.5}}};
  EXPECT_EQ(evaluation.at("accuracy"), 0.5);
  EXPECT_EQ(evaluation.find("loss"), 1.5);
  EXPECT_EQ(evaluation.find("auc"), std::nullopt);
  EXPECT_ERROR(evaluation.at("acuracy"), "did you mean 'accuracy'");
}

TEST(Criterion, KnowsWhichWayIsBetter) {
  EXPECT_TRUE((Criterion{}.better(1, 2)));
  EXPECT_TRUE((Criterion{.metric = "auc", .higher_is_better = true}.better(2, 1)));
  EXPECT_FALSE((Criterion{}.better(1, 1)));
}

}  // namespace
}  // namespace recur
