#include "recur/ops/activations.h"

#include <gmock/gmock.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::Pointwise;

const Tensor x = Tensor::from({-3, 0, 3}, {3});

TEST(Activations, HaveTheirTextbookValues) {
  EXPECT_THAT(leaky_relu(x, 0.5).values<float>(), ElementsAre(-1.5, 0, 3));
  EXPECT_THAT(hard_sigmoid(x).values<float>(), ElementsAre(0, 0.5, 1));
  EXPECT_THAT(elu(x).values<float>(), Pointwise(FloatEq(), {std::expm1(-3.0f), 0.0f, 3.0f}));
  EXPECT_NEAR(silu(x).values<float>()[2], 3 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_NEAR(gelu(x).values<float>()[2], 1.5 * (1 + std::erf(3 / std::sqrt(2.0))), 1e-6);
  EXPECT_NEAR(gelu_tanh(x).values<float>()[2], 2.9963627, 1e-6);
  EXPECT_NEAR(log_sigmoid(x).values<float>()[1], -std::log(2.0), 1e-6);
}

TEST(Activations, StayFiniteForLargeInputs) {
  Tensor large = Tensor::from({-200, 200}, {2}).set_requires_grad();
  for (Tensor (*f)(const Tensor&) : {gelu, gelu_tanh, silu, hard_sigmoid, log_sigmoid}) {
    const Tensor y = f(large);
    EXPECT_TRUE(std::isfinite(sum(y).item()));
    EXPECT_TRUE(std::isfinite(sum(grad(sum(y), large)).item()));
  }
  EXPECT_THAT(elu(large).values<float>(), ElementsAre(-1, 200));
  EXPECT_THAT(grad(sum(elu(large)), large).values<float>(), ElementsAre(0, 1));
  EXPECT_THAT(log_sigmoid(large).values<float>(), ElementsAre(-200, 0));
}

TEST(Activations, HaveTheLeftSlopeAtTheirKink) {
  Tensor zero = Tensor::scalar(0).set_requires_grad();
  EXPECT_EQ(grad(elu(zero, 0.25), zero).item(), 0.25);
  EXPECT_EQ(grad(leaky_relu(zero, 0.25), zero).item(), 0.25);
}

}  // namespace
}  // namespace recur
