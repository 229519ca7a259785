#include "recur/nn/attention_blocks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/gradient_check.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

AttentionBlocks make(int64_t blocks = 2) {
  Random random(3);
  AttentionBlocks made({.features = 8, .blocks = blocks, .heads = 2, .expansion = 2}, random);
  made.to(DType::kF64);
  return made;
}

TEST(AttentionBlocks, GradientsAreExact) {
  const AttentionBlocks blocks = make();
  const std::vector<int64_t> lengths{4, 2};
  const Tensor counts = Tensor::from({1, 1, 1, 1, 1, 0, 1, 0}, {4, 2, 1}).clone(DType::kF64);
  const auto f = [&](const Tensors& in) {
    return with_parameters(blocks, Tensors(in.begin() + 1, in.end()),
                           [&] { return Tensors{blocks(in[0], lengths, Mode::evaluation()) * counts}; });
  };
  Tensors inputs{normal({4, 2, 8}, 1)};
  for (const Tensor& parameter : blocks.parameters()) inputs.push_back(parameter.clone());
  EXPECT_LT(gradient_error(f, inputs), 1e-6);
}

TEST(AttentionBlocks, ASequenceIsAsAlone) {
  const AttentionBlocks blocks = make();
  const Tensor x = normal({5, 3, 8}, 1);
  const Tensor all = blocks(x, {5, 3, 0}, Mode::evaluation());
  const Tensor alone = blocks(slice(rows(x, 0, 3), {1, 1}, 1), {}, Mode::evaluation());
  EXPECT_LT(relative_error(slice(rows(all, 0, 3), {1, 1}, 1), alone), 1e-12);
  for (const double each : slice(rows(all, 3, 5), {1, 1}, 1).clone().values<double>()) EXPECT_EQ(each, 0);
}

TEST(AttentionBlocks, ProductsOfRotatedStepsDependOnTheirDistance) {
  const Tensor q = normal({1, 1, 1, 6}, 1), k = normal({1, 1, 1, 6}, 2);
  const Tensor many_q = rotate_positions(q + Tensor::zeros({7, 1, 1, 6}, DType::kF64));
  const Tensor many_k = rotate_positions(k + Tensor::zeros({7, 1, 1, 6}, DType::kF64));
  const auto product = [&](int64_t a, int64_t b) { return sum(row(many_q, a) * row(many_k, b)).item(); };
  EXPECT_NEAR(product(0, 2), product(4, 6), 1e-12);
  EXPECT_NEAR(product(3, 1), product(5, 3), 1e-12);
  EXPECT_GT(std::abs(product(0, 2) - product(2, 0)), 1e-3);
}

TEST(AttentionBlocks, ArgumentsAreChecked) {
  EXPECT_ERROR(AttentionBlocks({.features = 6, .heads = 2}), "multiple of twice the heads");
  EXPECT_ERROR(AttentionBlocks({.features = 8, .blocks = 0}), "at least one");
  EXPECT_ERROR(make()(normal({2, 3, 8}), {1}, Mode::evaluation()), "a length for each sequence");
  EXPECT_ERROR(rotate_positions(normal({2, 1, 1, 3})), "d even");
}

}  // namespace
}  // namespace recur
