#include "recur/ops/losses.h"

#include "recur/autograd/grad.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

const Tensor y = Tensor::from({1, 2, 5}, {3}), t = Tensor::from({1, 4, 2}, {3});

TEST(Losses, HaveTheirTextbookValues) {
  EXPECT_FLOAT_EQ(mse(y, t).item(), 13.0f / 3);
  EXPECT_FLOAT_EQ(mse(y, t, Reduction::kSum).item(), 13);
  EXPECT_FLOAT_EQ(mae(y, t).item(), 5.0f / 3);
  EXPECT_THAT(huber(y, t, 2.5, Reduction::kNone).values<float>(), ::testing::ElementsAre(0, 2, 4.375f));
}

TEST(BinaryCrossEntropy, IsExactForLargeLogits) {
  const Tensor logits = Tensor::from({200, -200, 200, 0}, {4}), targets = Tensor::from({1, 0, 0, 0.5f}, {4});
  EXPECT_THAT(binary_cross_entropy_with_logits(logits, targets, Reduction::kNone).values<float>(),
              ::testing::Pointwise(::testing::FloatEq(), {0.0f, 0.0f, 200.0f, 0.693147181f}));
}

TEST(Huber, BendsLikeASquareWherePredictionAndTargetMeet) {
  Tensor x = Tensor::scalar(0, DType::kF64).set_requires_grad();
  const Tensor slope = grad(huber(x, Tensor::scalar(0, DType::kF64)), x, {.create_graph = true});
  EXPECT_EQ(slope.item(), 0);
  EXPECT_EQ(grad(slope, x).item(), 1);
}

TEST(Losses, RefuseShapesThatOnlyBroadcast) {
  const Tensor column = Tensor::zeros({3, 1});
  EXPECT_ERROR(mse(y, column), "mse: prediction [3] and target [3, 1] differ in shape");
  EXPECT_ERROR(mae(y, column), "mae: prediction [3]");
  EXPECT_ERROR(huber(y, column), "huber: prediction [3]");
  EXPECT_ERROR(binary_cross_entropy_with_logits(y, column), "binary_cross_entropy_with_logits: prediction [3]");
  EXPECT_ERROR(huber(y, t, 0), "huber: delta: expected > 0, got 0");
}

}  // namespace
}  // namespace recur
