#include "recur/ops/dropout.h"

#include "recur/autograd/grad.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Dropout, KeepsTheRightShareAndScalesIt) {
  Random random(1);
  const Tensor y = dropout(Tensor::ones({200, 500}), 0.3, random);
  int64_t kept = 0;
  for (const float value : y.values<float>()) {
    if (value == 0) continue;
    EXPECT_FLOAT_EQ(value, 1 / 0.7f);
    ++kept;
  }
  EXPECT_NEAR(static_cast<double>(kept) / 1e5, 0.7, 0.006);
  EXPECT_NEAR(mean(y).item(), 1, 0.01);
}

TEST(Dropout, GradientUsesTheSameMask) {
  Random random(1);
  Tensor x = Tensor::ones({1000}).set_requires_grad();
  const Tensor y = dropout(x, 0.5, random);
  EXPECT_EQ(testing::relative_error(grad(sum(y), x), y), 0);
}

TEST(Dropout, DrawsAnewEachTimeAndRepeatsFromASeed) {
  Random random(1), same(1);
  const Tensor x = Tensor::ones({1000}), first = dropout(x, 0.5, random), second = dropout(x, 0.5, random);
  EXPECT_GT(testing::relative_error(second, first), 0);
  EXPECT_EQ(testing::relative_error(dropout(x, 0.5, same), first), 0);
  EXPECT_EQ(testing::relative_error(dropout(x, 0.5, same), second), 0);
}

TEST(Dropout, OfNothingIsTheIdentityAndDrawsNothing) {
  Random random(1);
  const Tensor x = Tensor::ones({10});
  EXPECT_EQ(dropout(x, 0, random).id(), x.id());
  EXPECT_EQ(random.state().position, 0u);
}

TEST(Dropout, OfEverythingIsZero) {
  Random random(1);
  EXPECT_EQ(sum(dropout(Tensor::ones({10}), 1, random)).item(), 0);
}

TEST(Dropout, TakesDoublesAndBf16) {
  Random random(1);
  EXPECT_EQ(dropout(Tensor::ones({10}, DType::kF64), 0.5, random).dtype(), DType::kF64);
  EXPECT_EQ(dropout(Tensor::ones({10}, DType::kBF16), 0.5, random).dtype(), DType::kBF16);
}

TEST(Dropout, RefusesWhatIsNoProbability) {
  Random random(1);
  EXPECT_ERROR(dropout(Tensor::ones({2}), 1.5, random), "dropout: expected 0 <= p <= 1, got 1.5");
  EXPECT_ERROR(dropout(Tensor::ones({2}), -0.1, random), "got -0.1");
  EXPECT_ERROR(dropout(Tensor::ones({2}), NAN, random), "got nan");
}

}  // namespace
}  // namespace recur
