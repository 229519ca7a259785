#include "recur/nn/penalties.h"

#include <gtest/gtest.h>

#include "tests/support/op_case.h"

namespace recur {
namespace {

TEST(Penalties, SumOverAllParameters) {
  const Tensors parameters{Tensor::from({1, -2}, {2}), Tensor::from({-3}, {1, 1})};
  EXPECT_EQ(l1_penalty(parameters).item(), 6);
  EXPECT_EQ(l2_penalty(parameters).item(), 14);
  EXPECT_THROW(l1_penalty({}), Error);
}

TEST(Penalties, OfActivationsAreMeans) {
  const Tensor y = Tensor::from({1, 2, 3, 5, 3, 1}, {3, 1, 2});
  EXPECT_FLOAT_EQ(static_cast<float>(activation_penalty(y).item()), 49.0f / 6);
  EXPECT_FLOAT_EQ(static_cast<float>(temporal_activation_penalty(y).item()), (4 + 9 + 0 + 16) / 4.0f);
  EXPECT_EQ(temporal_activation_penalty(Tensor::ones({1, 2, 2})).item(), 0);
  EXPECT_THROW(temporal_activation_penalty(Tensor::ones({2, 2})), Error);
}

TEST(Penalties, HaveExactGradients) {
  const Tensors y{testing::normal({4, 2, 3}), testing::normal({2})};
  const auto check = [&](const TensorFunction& f) {
    EXPECT_LT(gradient_error(f, y), 1e-7);
    EXPECT_LT(second_gradient_error(f, y), 1e-6);
  };
  check([](const Tensors& x) { return Tensors{l2_penalty(x)}; });
  check([](const Tensors& x) { return Tensors{activation_penalty(x[0]), temporal_activation_penalty(x[0])}; });
  EXPECT_LT(gradient_error([](const Tensors& x) { return Tensors{l1_penalty(x)}; }, y), 1e-7);
}

}  // namespace
}  // namespace recur
