#include "recur/tasks/baselines/logistic_regression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/golden.h"

namespace recur {
namespace {

using namespace testing;

TEST(LogisticRegression, WeightsAreThoseOfScikitLearn) {
  const Golden golden("baselines_logistic");
  const Tensor x = golden["x"], answers = golden["answers"], weights = golden["weights"];
  const std::vector<double> ours = fit_logistic(x.values<float>(), answers.values<float>(), 3);
  ASSERT_EQ(ours.size(), 4u);
  for (size_t j = 0; j < 4; ++j) EXPECT_NEAR(ours[j], weights.data<double>()[j], 1e-5);
}

// Without features only the constant is left: the log odds of 3 to 1.
TEST(LogisticRegression, TheConstantIsTheLogOdds) {
  const std::vector<float> answers{1, 1, 0, 1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_NEAR(fit_logistic({}, answers, 0)[0], std::log(3.0), 1e-8);
}

TEST(LogisticRegression, SeparableAnswersHaveFiniteWeights) {
  const std::vector<float> x{-1, -2, 1, 2}, answers{0, 0, 1, 1};
  const std::vector<double> w = fit_logistic(x, answers, 1);
  EXPECT_GT(logit(w, std::vector<float>{1}), 0);
  EXPECT_LT(w[0], 10);
}

}  // namespace
}  // namespace recur
