#include "recur/ops/cross_entropy.h"

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/gather.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

Tensor ints(std::vector<int32_t> values, const Shape& shape) { return Tensor::from(values, shape); }

TEST(CrossEntropy, IsTheGatheredLogSoftmax) {
  const Tensor logits = testing::normal({5, 9}), targets = ints({8, 0, 3, 3, 1}, {5});
  const Tensor expected = -reshape(gather(log_softmax(logits), 1, reshape(targets, Shape{5, 1})), Shape{5});
  const Tensor got = cross_entropy(logits, targets, {.reduction = Reduction::kNone});
  EXPECT_LT(testing::relative_error(got, expected), 1e-14);
}

TEST(CrossEntropy, FusedGradientEqualsTheComposedOne) {
  Tensor logits = testing::normal({40, 123}, 1, DType::kF32).set_requires_grad();
  Tensor targets = Tensor::zeros({40}, DType::kI32);
  for (int row = 0; row < 40; ++row) targets.data<int32_t>()[row] = row % 5 == 4 ? -1 : row * 3;
  for (const double smoothing : {0.0, 0.1}) {
    const Tensor loss = cross_entropy(logits, targets, {.smoothing = smoothing});
    const Tensor composed = grad(loss, logits, {.create_graph = true});
    EXPECT_LT(testing::relative_error(grad(loss, logits), composed), 1e-5);
    EXPECT_TRUE(composed.requires_grad());
  }
}

TEST(CrossEntropy, AveragesOverTargetsThatAreNotIgnored) {
  const Tensor logits = Tensor::zeros({4, 2});
  const double log2 = std::log(2.0);
  EXPECT_NEAR(cross_entropy(logits, ints({0, -1, -1, -1}, {4})).item(), log2, 1e-6);
  EXPECT_NEAR(cross_entropy(logits, ints({0, 1, -1, -1}, {4}), {.reduction = Reduction::kSum}).item(), 2 * log2, 1e-6);
}

TEST(CrossEntropy, OfNoTargetsIsZeroWithGradientZero) {
  Tensor logits = testing::normal({2, 3}).set_requires_grad();
  const Tensor loss = cross_entropy(logits, ints({-1, -1}, {2}));
  EXPECT_EQ(loss.item(), 0);
  EXPECT_EQ(testing::relative_error(grad(loss, logits), Tensor::zeros({2, 3})), 0);
  EXPECT_EQ(cross_entropy(Tensor::zeros({0, 3}), ints({}, {0})).item(), 0);
}

TEST(CrossEntropy, IsTheSameForAnyNumberOfThreads) {
  Tensor logits = testing::normal({200, 1000}, 1, DType::kF32).set_requires_grad();
  const Tensor targets = Tensor::full({200}, 7, DType::kI32);
  const Tensor loss = cross_entropy(logits, targets);
  const Tensor once = grad(loss, logits, {.retain_graph = true});
  set_threads(3);
  EXPECT_EQ(cross_entropy(logits, targets).item(), loss.item());
  const Tensor again = grad(loss, logits);
  set_threads(1);
  EXPECT_EQ(testing::relative_error(again, once), 0);
}

TEST(CrossEntropy, TakesBf16Logits) {
  Tensor logits = testing::normal({2, 3}).clone(DType::kBF16).set_requires_grad();
  const Tensor loss = cross_entropy(logits, ints({0, 1}, {2}));
  EXPECT_EQ(loss.dtype(), DType::kF32);
  EXPECT_EQ(grad(loss, logits).dtype(), DType::kBF16);
}

TEST(CrossEntropy, PassesNanOn) {
  Tensor logits = Tensor::zeros({1, 40});
  logits.data<float>()[33] = NAN;
  logits.set_requires_grad();
  const Tensor loss = cross_entropy(logits, ints({0}, {1}));
  EXPECT_TRUE(std::isnan(loss.item()));
  EXPECT_TRUE(std::isnan(grad(loss, logits).values<float>()[0]));
}

TEST(CrossEntropy, NamesWhatIsWrong) {
  const Tensor logits = Tensor::zeros({2, 3});
  EXPECT_ERROR(cross_entropy(logits, ints({0, 3}, {2})), "cross_entropy: target 3 in row 1 is not within 0 .. 2");
  EXPECT_ERROR(cross_entropy(logits, ints({-2, 0}, {2})), "target -2 in row 0");
  EXPECT_ERROR(cross_entropy(logits, ints({0}, {1})), "targets [1] do not fit logits [2, 3]");
  EXPECT_ERROR(cross_entropy(logits, Tensor::zeros({2})), "targets: expected i32, got f32");
  EXPECT_ERROR(cross_entropy(logits, ints({0, 0}, {2}), {.smoothing = 1}), "smoothing: expected 0 <= s < 1, got 1");
}

}  // namespace
}  // namespace recur
