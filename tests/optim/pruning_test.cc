#include "recur/optim/pruning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

Tensor drawn_weight(int64_t rows, int64_t columns, DType dtype = DType::kF32) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  Random random(3);
  random.normal(values);
  return Tensor::from(values, {rows, columns}).clone(dtype);
}

double zero_share(const Tensor& tensor) {
  const Tensor f32 = tensor.clone(DType::kF32);
  const auto values = f32.values<float>();
  return static_cast<double>(std::ranges::count(values, 0.0f)) / static_cast<double>(values.size());
}

TEST(Pruner, TheShareOfZerosRisesToTheSparsityWhateverTheBlock) {
  for (const DType dtype : {DType::kF32, DType::kF64})
    for (const std::string& block : pruning_blocks()) {
      const Tensor weight = drawn_weight(64, 48, dtype), other = drawn_weight(64, 48, dtype);
      Pruner pruner({{"rnn.weight_hh_l0", weight}, {"decoder.weight", other}},
                    {.sparsity = 0.75, .block = block, .begin = 0.2, .end = 0.6});
      pruner.step(0.2);
      EXPECT_EQ(zero_share(weight), 0);
      EXPECT_FALSE(pruner.is_done());
      EXPECT_FALSE(pruner.step(0.4));
      EXPECT_NEAR(zero_share(weight), 0.75 * 0.875, 0.02) << block;
      EXPECT_TRUE(pruner.step(0.6));
      EXPECT_TRUE(pruner.is_done());
      EXPECT_FALSE(pruner.step(0.7)) << "said once";
      EXPECT_EQ(zero_share(weight), 0.75) << block;
      EXPECT_EQ(zero_share(other), 0) << "not of a recurrent layer";
    }
}

TEST(Pruner, TheSmallestBlocksGo) {
  Tensor weight = Tensor::ones({32, 16});
  for (int64_t row = 16; row < 32; ++row) weight.data<float>()[row * 16 + 5] = 0.25f;
  Pruner pruner({{"weight_ih_l0", weight}}, {.sparsity = 0.04, .block = "16x1", .begin = 0, .end = 0});
  pruner.step(0);
  for (int64_t i = 0; i < 32 * 16; ++i)
    EXPECT_EQ(weight.values<float>()[static_cast<size_t>(i)] == 0, i / 16 >= 16 && i % 16 == 5) << i;
}

TEST(Pruner, WhatIsPrunedStaysSoAndHasNoGradient) {
  Tensor weight = drawn_weight(32, 16);
  weight.set_requires_grad();
  Pruner pruner({{"weight_hh_l0", weight}}, {.sparsity = 0.5, .block = "4x16", .begin = 0, .end = 1});
  pruner.step(1);
  std::vector<float> before(weight.values<float>().begin(), weight.values<float>().end());
  weight.set_grad(Tensor::ones({32, 16}));
  pruner.mask_gradients();
  EXPECT_EQ(zero_share(weight.grad()), 0.5);
  std::fill_n(weight.data<float>(), weight.numel(), 2.0f);  // as momentum or an average might
  pruner.step(1);
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(weight.values<float>()[i], before[i] == 0 ? 0 : 2);
}

TEST(Pruner, GoesOnFromItsState) {
  const PruningOptions options{.sparsity = 0.6, .block = "16x1", .begin = 0, .end = 1};
  Tensor a = drawn_weight(64, 32), b = drawn_weight(64, 32);
  Pruner first({{"weight_hh_l0", a}}, options), second({{"weight_hh_l0", b}}, options);
  first.step(0.5);
  second.load_state(first.state());
  first.step(0.7);
  second.step(0.7);
  EXPECT_TRUE(std::ranges::equal(a.values<float>(), b.values<float>()));
  EXPECT_ERROR(second.load_state({}), "pruning: state: expected 'stage' once");
  Pruner none;
  none.load_state({});
  EXPECT_TRUE(none.is_done());
  EXPECT_TRUE(none.state().empty());
}

TEST(Pruner, WrongOptionsAreNamed) {
  const NamedTensors model = {{"weight_hh_l0", drawn_weight(32, 16)}};
  for (const double bad : {-0.1, 1.0, double{NAN}})
    EXPECT_ERROR(Pruner(model, {.sparsity = bad}), "sparsity: expected a share in [0, 1)");
  EXPECT_ERROR(Pruner(model, {.sparsity = 0.5, .block = "8x8"}), "sparse_block: expected 1x1, 16x1, 4x16, got '8x8'");
  EXPECT_ERROR(Pruner(model, {.sparsity = 0.5, .begin = 0.7, .end = 0.6}), "sparse_begin: expected at most sparse_end");
  EXPECT_ERROR(Pruner({{"weight", drawn_weight(32, 16)}, {"weight_ih_l0", drawn_weight(32, 4)}}, {.sparsity = 0.5}),
               "sparsity: there is nothing to prune");
}

}  // namespace
}  // namespace recur::testing
