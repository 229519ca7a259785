#include "recur/nn/dropout.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(Dropout, DropsInTrainingAndKeepsTheExpectation) {
  Dropout layer(0.25);
  Random random(1);
  double sum = 0;
  int zeros = 0;
  const Tensor y = layer(Tensor::ones({100, 100}), random);
  for (const float value : y.values<float>()) {
    EXPECT_TRUE(value == 0 || value == 1 / 0.75f);
    zeros += value == 0;
    sum += value;
  }
  EXPECT_NEAR(zeros / 1e4, 0.25, 0.02);
  EXPECT_NEAR(sum / 1e4, 1, 0.02);
}

TEST(Dropout, PassesInEvaluationAndDrawsNothing) {
  Dropout layer(0.5);
  layer.evaluate();
  Random random(1);
  const Tensor x = Tensor::ones({4});
  EXPECT_EQ(layer(x, random).id(), x.id());
  EXPECT_EQ(random.state(), Random(1).state());
}

TEST(Dropout, RepeatsFromAStoredGenerator) {
  Dropout layer(0.5);
  Random random(3);
  layer(Tensor::ones({7}), random);
  Random again(random.state());
  const Tensor a = layer(Tensor::ones({50}), random), b = layer(Tensor::ones({50}), again);
  EXPECT_TRUE(std::equal(a.values<float>().begin(), a.values<float>().end(), b.values<float>().begin()));
}

TEST(Dropout, RejectsWhatIsNoProbability) {
  EXPECT_THROW(Dropout(-0.1), Error);
  EXPECT_THROW(Dropout(1.5), Error);
}

}  // namespace
}  // namespace recur
