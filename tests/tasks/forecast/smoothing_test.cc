#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/ops/unary.h"
#include "recur/tasks/forecast/dilated_stack.h"
#include "recur/tasks/forecast/exponential_smoothing.h"

namespace recur {
namespace {

Tensor column(const std::vector<double>& values) {
  return Tensor::from(values, {static_cast<int64_t>(values.size()), 1});
}

TEST(ExponentialSmoothing, IsTheRecurrenceByHand) {
  const SmoothingParameters parameters{.level = Tensor::full({1}, 0.5, DType::kF64),
                                       .season = Tensor::full({1}, 0.25, DType::kF64),
                                       .seasonals = column({1, 2})};
  const Smoothed got = smooth(column({4, 12, 8}), parameters);
  const auto levels = got.levels.values<double>(), seasonals = got.seasonals.values<double>();
  EXPECT_DOUBLE_EQ(levels[0], 4);
  EXPECT_DOUBLE_EQ(levels[1], 0.5 * 12 / 2 + 0.5 * 4);
  EXPECT_DOUBLE_EQ(seasonals[2], 0.25 * 4 / 4 + 0.75 * 1);
  EXPECT_DOUBLE_EQ(seasonals[3], 0.25 * 12 / 5 + 0.75 * 2);
  EXPECT_DOUBLE_EQ(levels[2], 0.5 * 8 / 1 + 0.5 * 5);
  EXPECT_EQ(got.seasonals.size(0), 5);
}

TEST(ExponentialSmoothing, WithoutASeasonIsSimple) {
  const Smoothed got = smooth(column({4, 8}), {.level = Tensor::full({1}, 0.25, DType::kF64)});
  EXPECT_DOUBLE_EQ(got.levels.values<double>()[1], 5);
  EXPECT_FALSE(got.seasonals.defined());
}

TEST(ExponentialSmoothing, HasExactGradients) {
  const auto run = [](const Tensors& in) {
    const Smoothed got = smooth(in[0], {.level = sigmoid(in[1]), .season = sigmoid(in[2]), .seasonals = exp(in[3])});
    return Tensors{got.levels, got.seasonals};
  };
  const Tensors inputs{column({4, 12, 8, 5}), Tensor::full({1}, 0.3, DType::kF64), Tensor::full({1}, -1, DType::kF64),
                       column({0.1, 0.5})};
  EXPECT_LT(gradient_error(run, inputs), 1e-6);
}

TEST(DilatedStack, LooksBackInItsStridesAlone) {
  Random random(1);
  const DilatedStack stack({.cell = "lstm", .input = 2, .hidden = 3}, {3}, random);
  Tensor x = Tensor::zeros({8, 2, 2});
  const Tensor before = stack(x, Mode::evaluation());
  Tensor changed = x.clone();
  changed.data<float>()[2 * 2 * 2] = 1;  // step 2
  const Tensor after = stack(changed, Mode::evaluation());
  for (int64_t t = 0; t < 8; ++t) {
    const bool same = before.values<float>()[t * 6] == after.values<float>()[t * 6];
    EXPECT_EQ(same, t != 2 && t != 5) << t;
  }
}

TEST(DilatedStack, IsCausalWhateverTheDilations) {
  Random random(1);
  const DilatedStack stack({.cell = "lstm", .input = 1, .hidden = 3}, {1, 2, 4}, random);
  Tensor x = Tensor::zeros({7, 1, 1});
  const Tensor before = stack(x, Mode::evaluation());
  x.data<float>()[5] = 1;
  const Tensor after = stack(x, Mode::evaluation());
  for (int64_t i = 0; i < 5 * 3; ++i) EXPECT_EQ(before.values<float>()[i], after.values<float>()[i]);
  EXPECT_NE(before.values<float>()[5 * 3], after.values<float>()[5 * 3]);
}

}  // namespace
}  // namespace recur
