#include "recur/ops/select.h"

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Where, TakesMasksOfAnyDtype) {
  const Tensor mask = Tensor::from({0, 2, -1}, {3}), a = Tensor::from({1, 2, 3}, {3}), b = Tensor::scalar(9);
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kBF16, DType::kI32, DType::kI64, DType::kU8})
    EXPECT_THAT(where((dtype == DType::kU8 ? square(mask) : mask).clone(dtype), a, b).values<float>(),
                ::testing::ElementsAre(9, 2, 3));
}

TEST(Where, KeepsNanOfWhatIsNotChosenOutOfTheGradient) {
  Tensor x = Tensor::from({0, 4}, {2}).set_requires_grad();
  const Tensor y = where(less(Tensor::scalar(0), x), log(x), Tensor::scalar(0));
  EXPECT_TRUE(std::isfinite(sum(y).item()));
  const Tensor safe = where(less(Tensor::scalar(0), x), x, Tensor::scalar(1));
  EXPECT_THAT(grad(sum(log(safe)), x).values<float>(), ::testing::ElementsAre(0, 0.25));
}

TEST(Where, ChoosesIntegers) {
  const Tensor a = Tensor::full({2}, 5, DType::kI64), b = Tensor::full({2}, 6, DType::kI64);
  EXPECT_THAT(where(Tensor::from({0, 1}, {2}), a, b).values<int64_t>(), ::testing::ElementsAre(6, 5));
}

TEST(Where, NamesWhatDoesNotFit) {
  const Tensor x = Tensor::zeros({3});
  EXPECT_ERROR(where(Tensor::zeros({2}), x, x), "where: shapes [2] and [3] do not broadcast");
  EXPECT_ERROR(where(x, x, Tensor::zeros({3}, DType::kF64)), "where: operands are f32 and f64");
  EXPECT_ERROR(masked_fill(x, Tensor::zeros({2, 3}), 0), "masked_fill: mask [2, 3] cannot be broadcast to [3]");
}

TEST(Clamp, HasGradientOneUpToAndOnItsBounds) {
  Tensor x = Tensor::from({-2, -1, 0, 1, 2}, {5}).set_requires_grad();
  const Tensor y = clamp(x, -1, 1);
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(-1, -1, 0, 1, 1));
  EXPECT_THAT(grad(sum(y), x).values<float>(), ::testing::ElementsAre(0, 1, 1, 1, 0));
}

TEST(Clamp, KeepsNanAndRefusesAnEmptyRange) {
  EXPECT_TRUE(std::isnan(clamp(Tensor::scalar(NAN), -1, 1).item()));
  EXPECT_ERROR(clamp(Tensor::scalar(0), 1, -1), "clamp: expected low <= high, got 1 and -1");
  EXPECT_ERROR(clamp(Tensor::scalar(0), NAN, 1), "clamp: expected low <= high, got nan and 1");
}

}  // namespace
}  // namespace recur
