#include "recur/autograd/gradient_check.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

// x^2 whose vjp is `factor` times what it should be.
Tensor square_with(double factor, const Tensor& x) {
  autograd::NoGrad no_grad;
  const Tensor y = x * x;
  const autograd::RecordScope on(true);
  return autograd::record("wrong", {x}, y,
                          [=](const autograd::VjpArgs& v) { return Tensors{v.grad() * x * (2 * factor)}; });
}

TensorFunction squares(double factor) {
  return [factor](const Tensors& in) { return Tensors{square_with(factor, in[0])}; };
}

const Tensor small = testing::normal({3, 4}), large = testing::normal({30, 40});

TEST(GradientCheck, AcceptsARightGradient) {
  EXPECT_LT(gradient_error(squares(1), {small}), 1e-8);
  EXPECT_LT(gradient_error(squares(1), {large}), 1e-8);
  EXPECT_LT(second_gradient_error(squares(1), {small}), 1e-8);
}

TEST(GradientCheck, CatchesAWrongGradient) {
  EXPECT_GT(gradient_error(squares(1.001), {small}), 1e-4);
  EXPECT_GT(gradient_error(squares(1.001), {large}), 1e-4);
  EXPECT_GT(gradient_error(squares(-1), {small}), 0.1);
}

// Right at first order, but its vjp holds x outside the graph.
TEST(GradientCheck, CatchesAGradientThatIsNotDifferentiable) {
  const TensorFunction f = [](const Tensors& in) {
    const Tensor y = in[0].clone();
    return Tensors{autograd::record("flat", {in[0]}, square(y),
                                    [y](const autograd::VjpArgs& v) { return Tensors{v.grad() * y * 2}; })};
  };
  EXPECT_LT(gradient_error(f, {small}), 1e-8);
  EXPECT_GT(second_gradient_error(f, {small}), 0.1);
}

TEST(GradientCheck, CatchesAnInputThatWasForgotten) {
  const TensorFunction f = [](const Tensors& in) { return Tensors{in[0] * in[1].detach()}; };
  EXPECT_GT(gradient_error(f, {small, testing::normal({3, 4}, 2)}), 0.1);
}

TEST(GradientCheck, CountsNanAsAnInfiniteError) {
  const TensorFunction f = [](const Tensors& in) { return Tensors{log(in[0])}; };
  EXPECT_EQ(gradient_error(f, {Tensor::full({1}, -1, DType::kF64)}), INFINITY);
}

TEST(GradientCheck, LeavesIntegerAndUndefinedInputsFixed) {
  const TensorFunction f = [](const Tensors& in) { return Tensors{in[0] * in[1].clone(DType::kF64)}; };
  EXPECT_LT(gradient_error(f, {small, Tensor::full({3, 4}, 3, DType::kI32), Tensor()}), 1e-8);
}

}  // namespace
}  // namespace recur
