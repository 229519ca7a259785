#include "recur/nn/norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/ops/binary.h"
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

// The second batch is of another kind: plain batch norm would make both alike.
TEST(BatchNorm, RenormalizedTrainingComputesWhatEvaluationDoes) {
  BatchNorm layer({.channels = 2, .momentum = 0.1, .renormalize = true});
  layer.load_state({{"weight", Tensor::from({2, 3}, {2})},
                    {"bias", Tensor::from({10, 20}, {2})},
                    {"running_mean", Tensor::zeros({2})},
                    {"running_var", Tensor::ones({2})}});
  const Tensor first = testing::normal({8, 2, 3}, 1, DType::kF32), second = first * 1.5 + 2.0;
  for (const Tensor& x : {first, second}) {
    const Tensor trained = layer(x, Mode::training());
    EXPECT_LT(testing::relative_error(trained, layer(x, Mode::evaluation())), 1e-5);
  }
}

TEST(BatchNorm, TheFirstBatchOfAllStartsTheRenormalization) {
  BatchNorm layer({.channels = 1, .renormalize = true});
  layer(Tensor::from({1, 3, 5, 7}, {4, 1}), Mode::training());
  EXPECT_NEAR(layer.running_mean.item(), 4, 1e-6);
  EXPECT_NEAR(layer.running_var.item(), 20.0 / 3, 1e-5);
}

// The correction is a constant of the batch: up to its factor, the gradients are those of batch norm.
TEST(BatchNorm, RenormalizedGradientsAreThoseOfBatchNorm) {
  const Tensor x = testing::normal({6, 2}, 1, DType::kF32), direction = testing::normal({6, 2}, 2, DType::kF32);
  const auto gradient = [&](bool renormalize) {
    BatchNorm layer({.channels = 2, .momentum = 0.1, .renormalize = renormalize});
    layer.load_state({{"weight", Tensor::ones({2})},
                      {"bias", Tensor::zeros({2})},
                      {"running_mean", Tensor::from({0.2f, 0.2f}, {2})},
                      {"running_var", Tensor::from({2, 2}, {2})}});
    Tensor in = x.detach();
    in.set_requires_grad(true);
    sum(layer(in, Mode::training()) * direction).backward();
    return std::pair(in.grad(), layer.running_var);
  };
  const auto [plain, variance] = gradient(false);
  const auto [corrected, same_variance] = gradient(true);
  for (int64_t c = 0; c < 2; ++c) {
    const float ratio = corrected.data<float>()[c] / plain.data<float>()[c];
    for (int64_t i = 0; i < 6; ++i)
      EXPECT_NEAR(corrected.data<float>()[2 * i + c], ratio * plain.data<float>()[2 * i + c], 1e-4);
    EXPECT_NE(ratio, 1);
  }
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
