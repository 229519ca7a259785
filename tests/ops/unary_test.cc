#include "recur/ops/unary.h"

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(Unary, IsTheSameForAnyNumberOfThreads) {
  const Tensor x = testing::normal({300'001}, 1, DType::kF32), once = tanh(x);
  set_threads(3);
  const Tensor again = tanh(x);
  set_threads(1);
  EXPECT_EQ(testing::relative_error(again, once), 0);
  EXPECT_LT(testing::relative_error(once, tanh(x.clone(DType::kF64))), 1e-6);
}

TEST(Unary, ComputesBf16InSinglePrecisionAndRoundsOnce) {
  const Tensor x = testing::normal({50}, 1, DType::kBF16), y = exp(x);
  EXPECT_EQ(y.dtype(), DType::kBF16);
  EXPECT_EQ(testing::relative_error(y, exp(x.clone(DType::kF32)).clone(DType::kBF16)), 0);
}

TEST(Unary, HasGradientsInBf16) {
  Tensor x = Tensor::full({3}, 2, DType::kBF16).set_requires_grad();
  const Tensor g = grad(sum(square(x)), x);
  EXPECT_EQ(g.dtype(), DType::kBF16);
  EXPECT_EQ(sum(g).item(), 12);
}

TEST(Unary, NamesTheOpThatRefusesADtype) {
  EXPECT_ERROR(exp(Tensor::zeros({2}, DType::kI32)), "exp: expected f32 or f64, got i32");
  EXPECT_ERROR(exp(Tensor()), "undefined tensor");
}

TEST(Unary, TakesEmptyTensors) { EXPECT_EQ(exp(Tensor::zeros({3, 0})).shape(), (Shape{3, 0})); }

TEST(Unary, HasGradientZeroWhereItIsFlatOrBent) {
  Tensor x = Tensor::from({-1, 0, 2}, {3}).set_requires_grad();
  EXPECT_THAT(grad(sum(abs(x)), x).values<float>(), ElementsAre(-1, 0, 1));
  EXPECT_THAT(grad(sum(relu(x)), x).values<float>(), ElementsAre(0, 0, 1));
  EXPECT_THAT(grad(sum(sign(x)), x).values<float>(), ElementsAre(0, 0, 0));
  EXPECT_THAT(step(x).values<float>(), ElementsAre(0, 0, 1));
}

TEST(Unary, StaysFiniteAtTheEnds) {
  const Tensor x = Tensor::from({-1000, 1000}, {2});
  EXPECT_THAT(sigmoid(x).values<float>(), ElementsAre(::testing::FloatNear(0, 1e-37f), 1));
  EXPECT_THAT(tanh(x).values<float>(), ElementsAre(-1, 1));
  EXPECT_THAT(softplus(x).values<float>(), ElementsAre(0, 1000));
}

}  // namespace
}  // namespace recur
