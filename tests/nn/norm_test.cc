#include "recur/nn/norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

TEST(LayerNorm, NormalisesRowsThenScalesAndShifts) {
  LayerNorm layer({.features = 2});
  layer.load_state({{"weight", Tensor::from({2, 3}, {2})}, {"bias", Tensor::from({10, 20}, {2})}});
  const Tensor y = layer(Tensor::from({1, 3, -50, 50}, {2, 1, 2}));
  EXPECT_EQ(y.shape(), (Shape{2, 1, 2}));
  for (const int row : {0, 1}) {
    EXPECT_NEAR(y.data<float>()[2 * row], 8, 1e-3);
    EXPECT_NEAR(y.data<float>()[2 * row + 1], 23, 1e-3);
  }
  sum(y).backward();
  EXPECT_EQ(layer.bias->grad().data<float>()[0], 2);
}

TEST(BatchNorm, KeepsRunningAveragesThatEvaluationUses) {
  BatchNorm layer({.channels = 1, .momentum = 0.5});
  const Tensor x = Tensor::from({1, 3, 5, 7}, {4, 1});  // mean 4, unbiased variance 20 / 3
  const Tensor y = layer(x, Mode::training());
  EXPECT_NEAR(y.data<float>()[0], -3 / std::sqrt(5.0), 1e-4);
  EXPECT_NEAR(layer.running_mean.item(), 2, 1e-6);
  EXPECT_NEAR(layer.running_var.item(), 0.5 + 10.0 / 3, 1e-5);
  const Tensor z = layer(x, Mode::evaluation());
  EXPECT_NEAR(z.data<float>()[3], 5 / std::sqrt(0.5 + 10.0 / 3), 1e-4);
  EXPECT_NEAR(layer.running_mean.item(), 2, 1e-6);
}

TEST(BatchNorm, StoresItsRunningAveragesWithTheModel) {
  BatchNorm first({.channels = 3}), second({.channels = 3});
  first(testing::normal({8, 3}, 1, DType::kF32), Mode::training());
  second.load_state(first.state());
  EXPECT_EQ(second.state().size(), 4u);
  EXPECT_EQ(testing::relative_error(second.running_var, first.running_var), 0);
  EXPECT_EQ(second.parameter_count(), 6);
}

TEST(Norm, RejectsSizesAndOptionsThatMakeNoSense) {
  EXPECT_THROW(LayerNorm({.features = 0}), Error);
  EXPECT_THROW(LayerNorm({.features = 2, .epsilon = 0}), Error);
  EXPECT_THROW(BatchNorm({.channels = -1}), Error);
  EXPECT_THROW(BatchNorm({.channels = 2, .momentum = 2}), Error);
}

}  // namespace
}  // namespace recur
