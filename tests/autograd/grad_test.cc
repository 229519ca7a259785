#include "recur/autograd/grad.h"

#include <cmath>

#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

Tensor leaf(double value) { return Tensor::scalar(value, DType::kF64).set_requires_grad(); }

TEST(Grad, AddsUpOverAllPaths) {
  const Tensor x = leaf(3);
  const Tensor a = x * x, b = x * 2;
  EXPECT_EQ(grad(a * b + a, x).item(), 6 * 9 + 2 * 3);
}

TEST(Grad, OfAnUnusedInputIsZeros) {
  const Tensor x = leaf(3), unused = Tensor::zeros({2, 3}).set_requires_grad();
  const Tensors g = grad({x * x}, {x, unused});
  EXPECT_EQ(g[0].item(), 6);
  EXPECT_EQ(g[1].shape(), (Shape{2, 3}));
  EXPECT_THAT(g[1].values<float>(), ::testing::Each(0));
}

TEST(Grad, OfAConstantIsZeros) {
  const Tensor x = leaf(3);
  EXPECT_EQ(grad(Tensor::scalar(1, DType::kF64), x).item(), 0);
}

TEST(Grad, OfAnOutputByItselfIsOne) {
  const Tensor x = leaf(3), y = x * 2;
  EXPECT_EQ(grad(y, y).item(), 1);
  EXPECT_EQ(grad(x, x).item(), 1);
}

TEST(Grad, TakesResultsOfOpsAsInputs) {
  const Tensor x = leaf(3);
  const Tensor h = x * x, y = h * h;
  EXPECT_EQ(grad(y, h).item(), 18);
}

// d/dh holds x's other path fixed; d/dx goes through h.
TEST(Grad, TakesInputsThatDependOnEachOther) {
  const Tensor x = leaf(3);
  const Tensor h = x * x, y = h * x;
  const Tensors g = grad({y}, {x, h});
  EXPECT_EQ(g[0].item(), 27);
  EXPECT_EQ(g[1].item(), 3);
}

TEST(Grad, WeighsOutputsByTheirGradients) {
  const Tensor x = Tensor::from({1, 2}, {2}).set_requires_grad();
  const Tensors g = grad({square(x), x * 3}, {x}, {.grad_outputs = {Tensor::from({1, 10}, {2}), Tensor::ones({2})}});
  EXPECT_THAT(g[0].values<float>(), ElementsAre(5, 43));
}

TEST(Grad, IsExactToTheFourthOrder) {
  const Tensor x = leaf(1.5);
  Tensor y = square(square(x));
  const double expected[] = {4 * 1.5 * 1.5 * 1.5, 12 * 1.5 * 1.5, 24 * 1.5, 24};
  for (const double value : expected) {
    y = grad(y, x, {.create_graph = true});
    EXPECT_DOUBLE_EQ(y.item(), value);
  }
  EXPECT_EQ(grad(y, x).item(), 0);
}

TEST(Grad, ThirdDerivativesMixInputs) {
  const Tensor x = leaf(0.5), y = leaf(-2);
  const Tensor by_x = grad(exp(x * y), x, {.create_graph = true});
  const Tensor by_xy = grad(by_x, y, {.create_graph = true});
  // d^3 e^(xy) / dx dy dx = (2 y + x y^2) e^(xy)
  EXPECT_NEAR(grad(by_xy, x).item(), (2 * -2 + 0.5 * 4) * std::exp(-1.0), 1e-14);
}

TEST(Grad, RetainsTheGraphWhenAsked) {
  const Tensor x = leaf(2), y = x * x * x;
  EXPECT_EQ(grad(y, x, {.retain_graph = true}).item(), 12);
  EXPECT_EQ(grad(y, x).item(), 12);
}

TEST(Grad, LeavesOtherLeavesAlone) {
  const Tensor x = leaf(2), w = leaf(5);
  EXPECT_EQ(grad(x * w, x).item(), 5);
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(w.grad().defined());
}

TEST(Grad, OfANumberThatIsNotOneIsNotTracked) {
  const Tensor x = leaf(2);
  EXPECT_FALSE(grad(x * x, x).requires_grad());
  EXPECT_TRUE(grad(x * x, x, {.create_graph = true}).requires_grad());
}

TEST(Grad, PassesNanOn) {
  const Tensor x = Tensor::from({1, 2}, {2}).set_requires_grad();
  const Tensor g = grad(sum(x * Tensor::from({NAN, 1}, {2})), x);
  EXPECT_TRUE(std::isnan(g.values<float>()[0]));
  EXPECT_EQ(g.values<float>()[1], 1);
}

TEST(Grad, NamesWhatIsWrong) {
  const Tensor x = Tensor::from({1, 2}, {2}).set_requires_grad();
  EXPECT_ERROR(grad(x * 2, x), "backward: expected an output with one element, got shape [2]");
  EXPECT_ERROR(grad(sum(x), Tensor::ones({2})), "grad: an input does not require a gradient");
  EXPECT_ERROR(grad({sum(x)}, {x}, {.grad_outputs = {Tensor::ones({2})}}), "expected f32 [], got f32 [2]");
  EXPECT_ERROR(grad({sum(x)}, {x}, {.grad_outputs = {Tensor(), Tensor()}}), "expected 1 grad_outputs, got 2");
}

TEST(Backward, AddsToTheGradOfEveryLeaf) {
  Tensor x = leaf(2);
  const Tensor w = leaf(5), constant = Tensor::scalar(1, DType::kF64);
  (x * w + constant).backward();
  (x * w).backward();
  EXPECT_EQ(x.grad().item(), 10);
  EXPECT_EQ(w.grad().item(), 4);
  EXPECT_FALSE(constant.grad().defined());
  x.set_grad(Tensor());
  (x * x).backward();
  EXPECT_EQ(x.grad().item(), 4);
}

TEST(Backward, GoesThroughSeveralOutputsAtOnce) {
  const Tensor x = leaf(2), h = x * x;
  backward({h * 3, h * x});
  EXPECT_EQ(x.grad().item(), 12 + 12);
}

TEST(Backward, NeedsSomethingThatRequiresAGradient) {
  EXPECT_ERROR(Tensor::scalar(1).backward(), "does not depend on anything that requires a gradient");
}

TEST(Backward, WithCreateGraphLeavesAGradToDifferentiate) {
  Tensor x = leaf(3);
  backward({x * x * x}, {.create_graph = true});
  EXPECT_EQ(x.grad().item(), 27);
  EXPECT_EQ(grad(x.grad(), x).item(), 18);
  x.set_grad(Tensor());
}

}  // namespace
}  // namespace recur
