#include "recur/ops/log_mean_exp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

constexpr float kInfinity = INFINITY;

TEST(LogMeanExp, IsTheMeanOfProbabilities) {
  const Tensor y = log_mean_exp({Tensor::from({std::log(0.2f), -kInfinity, -kInfinity}, {3}),
                                 Tensor::from({std::log(0.6f), std::log(0.5f), -kInfinity}, {3})});
  EXPECT_THAT(y.values<float>(),
              ::testing::Pointwise(::testing::FloatNear(1e-6f), {std::log(0.4f), std::log(0.25f), -kInfinity}));
}

TEST(LogMeanExp, OfOneIsThatOne) {
  EXPECT_THAT(log_mean_exp({Tensor::from({-1000, 3}, {2})}).values<float>(), ::testing::ElementsAre(-1000, 3));
}

TEST(LogMeanExp, SharesTheGradientByProbability) {
  Tensor a = Tensor::from({std::log(0.1f)}, {1}), b = Tensor::from({std::log(0.3f)}, {1});
  a.set_requires_grad();
  EXPECT_NEAR(grad(sum(log_mean_exp({a, b})), a).item(), 0.25, 1e-6);
}

}  // namespace
}  // namespace recur
