#include "recur/ops/reduce.h"

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Max, SendsTheGradientToTheFirstOfEquals) {
  Tensor x = Tensor::from({1, 3, 3, 7, 7, 7}, {2, 3}).set_requires_grad();
  const Tensor y = max(x, 1);
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(3, 7));
  EXPECT_THAT(grad(sum(y), x).values<float>(), ::testing::ElementsAre(0, 1, 0, 1, 0, 0));
}

TEST(Max, LetsNanWin) {
  const Tensor x = Tensor::from({1, NAN, 3, NAN}, {4});
  EXPECT_TRUE(std::isnan(max(x, 0).item()));
  EXPECT_TRUE(std::isnan(min(x, 0).item()));
  EXPECT_EQ(argmax(x, 0).item(), 1);
  EXPECT_EQ(argmin(x, 0).item(), 1);
}

TEST(Argmax, IsTheFirstOfEqualsForEveryDtype) {
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kBF16, DType::kI32, DType::kI64, DType::kU8}) {
    const Tensor x = Tensor::from({1, 9, 9, 5, 0, 0}, {2, 3}).clone(dtype);
    EXPECT_THAT(argmax(x, 1).values<int32_t>(), ::testing::ElementsAre(1, 0)) << name_of(dtype);
    EXPECT_THAT(argmin(x, 1).values<int32_t>(), ::testing::ElementsAre(0, 1)) << name_of(dtype);
    EXPECT_THAT(argmax(x, 0, true).values<int32_t>(), ::testing::ElementsAre(1, 0, 0)) << name_of(dtype);
  }
}

TEST(Max, NamesAnEmptyAxis) {
  EXPECT_ERROR(max(Tensor::zeros({2, 0}), 1), "max: axis 1 of [2, 0] is empty");
  EXPECT_ERROR(argmin(Tensor::zeros({0}), 0), "argmin: axis 0 of [0] is empty");
  EXPECT_EQ(max(Tensor::zeros({0, 2}), 1).shape(), (Shape{0}));
}

TEST(Variance, DividesByOneLessWhenUnbiased) {
  const Tensor x = Tensor::from({1, 3}, {2});
  EXPECT_EQ(variance(x, 0).item(), 2);
  EXPECT_EQ(variance(x, 0, false).item(), 1);
  EXPECT_ERROR(variance(Tensor::zeros({3, 1}), 1), "variance: axis 1 of [3, 1] has too few elements");
}

TEST(Cumsum, RunsBothWays) {
  const Tensor x = Tensor::from({1, 2, 3, 10, 20, 30}, {2, 3});
  EXPECT_THAT(cumsum(x, 1).values<float>(), ::testing::ElementsAre(1, 3, 6, 10, 30, 60));
  EXPECT_THAT(cumsum(x, 1, true).values<float>(), ::testing::ElementsAre(6, 5, 3, 60, 50, 30));
  EXPECT_THAT(cumsum(x, 0).values<float>(), ::testing::ElementsAre(1, 2, 3, 11, 22, 33));
  EXPECT_EQ(cumsum(Tensor::zeros({2, 0}), 1).numel(), 0);
}

TEST(Norm, OfZeroHasGradientZero) {
  Tensor x = Tensor::from({0, 0, 3, 4}, {2, 2}).set_requires_grad();
  const Tensor y = norm(x, 1);
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(0, 5));
  EXPECT_THAT(grad(sum(y), x).values<float>(), ::testing::Pointwise(::testing::FloatEq(), {0.0f, 0.0f, 0.6f, 0.8f}));
  EXPECT_EQ(norm(x.detach()).item(), 5);
}

}  // namespace
}  // namespace recur
