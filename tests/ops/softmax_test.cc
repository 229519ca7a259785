#include "recur/ops/softmax.h"

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

constexpr float kInfinity = INFINITY;

TEST(Softmax, RowsAddUpToOneForInputsOfAnySize) {
  const Tensor y = softmax(Tensor::from({1e4f, 1e4f, -1e4f, 3e38f, -3e38f, 0}, {2, 3}));
  EXPECT_THAT(y.values<float>(), ::testing::Pointwise(::testing::FloatEq(), {0.5f, 0.5f, 0.0f, 1.0f, 0.0f, 0.0f}));
}

TEST(Softmax, GivesMaskedEntriesNothing) {
  const Tensor y = softmax(Tensor::from({-kInfinity, 2, 2}, {3}));
  EXPECT_THAT(y.values<float>(), ::testing::Pointwise(::testing::FloatEq(), {0.0f, 0.5f, 0.5f}));
}

TEST(Softmax, TakesEmptyTensors) {
  EXPECT_EQ(softmax(Tensor::zeros({0, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(log_softmax(Tensor::zeros({3, 0})).shape(), (Shape{3, 0}));
}

TEST(Softmax, KeepsBf16AndRefusesIntegers) {
  const Tensor y = softmax(Tensor::full({4}, 3, DType::kBF16));
  EXPECT_EQ(y.dtype(), DType::kBF16);
  EXPECT_EQ(sum(y).item(), 1);
  EXPECT_ERROR(softmax(Tensor::zeros({3}, DType::kI32)), "softmax: expected f32 or f64, got i32");
  EXPECT_ERROR(softmax(Tensor::scalar(1)), "axis -1 is out of range for shape []");
}

TEST(LogSoftmax, StaysFiniteWhereSoftmaxVanishes) {
  const Tensor y = log_softmax(Tensor::from({0, 500}, {2}));
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(-500, 0));
}

TEST(LogSumExp, DoesNotOverflow) {
  EXPECT_FLOAT_EQ(logsumexp(Tensor::from({1000, 1000}, {2}), 0).item(), 1000 + std::log(2.0f));
  EXPECT_EQ(logsumexp(Tensor::from({kInfinity, 1}, {2}), 0).item(), kInfinity);
}

TEST(LogSumExp, OfImpossibleEventsIsImpossibleWithGradientZero) {
  Tensor x = Tensor::full({2, 3}, -kInfinity);
  x.data<float>()[5] = 4;
  x.set_requires_grad();
  const Tensor y = logsumexp(x, 1);
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(-kInfinity, 4));
  EXPECT_THAT(grad(sum(y), x).values<float>(), ::testing::ElementsAre(0, 0, 0, 0, 0, 1));
  EXPECT_EQ(logsumexp(Tensor::zeros({0}), 0).item(), -kInfinity);
}

}  // namespace
}  // namespace recur
