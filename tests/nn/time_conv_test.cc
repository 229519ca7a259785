#include "recur/nn/time_conv.h"

#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/nn/init.h"
#include "recur/ops/conv.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

TimeConv make(const TimeConvOptions& options) {
  Random random(1);
  TimeConv conv(options, random);
  init::uniform(conv.bias, -1, 1, random);
  return conv;
}

TEST(TimeConv, IsConv1dWithZerosAround) {
  for (const int64_t kernel : {1, 3, 5}) {
    for (const int64_t stride : {1, 2, 3}) {
      const TimeConv conv = make({.in = 4, .out = 6, .kernel = kernel, .stride = stride});
      const Tensor x = normal({7, 2, 4}, 3, DType::kF32);
      const Tensor expected =
          conv1d(permute(x, {1, 2, 0}), conv.weight, conv.bias, {.stride = stride, .padding = (kernel - 1) / 2});
      const Tensor y = conv(x);
      EXPECT_EQ(y.shape(), (Shape{strided(7, stride), 2, 6}));
      EXPECT_LT(relative_error(y, permute(expected, {2, 0, 1})), 1e-5) << kernel << " " << stride;
    }
  }
}

TEST(TimeConv, KeepsTheLengthWithAnEvenKernel) {
  EXPECT_EQ(make({.in = 1, .out = 1, .kernel = 4})(normal({5, 1, 1}, 1, DType::kF32)).size(0), 5);
  EXPECT_EQ(make({.in = 1, .out = 1, .kernel = 8})(normal({2, 1, 1}, 1, DType::kF32)).size(0), 2);
  EXPECT_EQ(make({.in = 1, .out = 2})(Tensor::zeros({0, 3, 1})).shape(), (Shape{0, 3, 2}));
}

TEST(TimeConv, GradientsAreExact) {
  TimeConv conv = make({.in = 2, .out = 3, .kernel = 4, .stride = 2});
  conv.to(DType::kF64);
  const auto f = [&](const Tensors& in) {
    TimeConv moved = conv;
    moved.weight = in[1];
    moved.bias = in[2];
    return Tensors{moved(in[0])};
  };
  const Tensors inputs{normal({5, 2, 2}), conv.weight, conv.bias};
  EXPECT_LT(gradient_error(f, inputs), 1e-6);
  EXPECT_LT(second_gradient_error(f, inputs), 1e-6);
}

TEST(ConvStack, ASequenceDoesNotSeeItsPaddingOrItsNeighbours) {
  Random random(1);
  ConvStack stack({.in = 2, .widths = {3, 4}, .kernels = {5, 3}, .stride = 2}, random);
  const Tensor alone = normal({5, 1, 2}, 4, DType::kF32);
  Tensor both = Tensor::zeros({9, 2, 2});
  for (int64_t t = 0; t < 5; ++t)
    for (int64_t c = 0; c < 2; ++c) both.data<float>()[(t * 2 + 1) * 2 + c] = alone.data<float>()[t * 2 + c];
  const auto expected = stack(alone, {}, Mode::evaluation());
  const auto out = stack(both, {9, 5}, Mode::evaluation());
  EXPECT_EQ(out.y.shape(), (Shape{3, 2, 4}));
  EXPECT_EQ(out.lengths, (std::vector<int64_t>{3, 2}));
  for (int64_t t = 0; t < 3; ++t) {
    for (int64_t c = 0; c < 4; ++c) {
      const float value = out.y.data<float>()[(t * 2 + 1) * 4 + c];
      EXPECT_NEAR(value, t < 2 ? expected.y.data<float>()[t * 4 + c] : 0, 1e-6);
    }
  }
}

TEST(ConvStack, NormalisesOverWhatIsNotPadding) {
  Random random(1);
  ConvStack stack({.in = 1, .widths = {2}, .kernels = {1}}, random);
  Tensor x = normal({4, 2, 1}, 4, DType::kF32);
  x.data<float>()[5] = x.data<float>()[7] = 0;  // padding of the second sequence
  const auto padded = stack(x, {4, 2}, Mode::training());
  Tensor longer = Tensor::zeros({40, 2, 1});
  std::copy_n(std::as_const(x).data<float>(), 8, longer.data<float>());
  const auto more = stack(longer, {4, 2}, Mode::training());
  for (int64_t i = 0; i < 16; ++i) EXPECT_NEAR(padded.y.data<float>()[i], more.y.data<float>()[i], 1e-6);
}

TEST(SqueezeExcite, WeightsEachChannelByTheMeansOfTheSequence) {
  Random random(1);
  const SqueezeExcite layer(4, 2, random);
  const Tensor alone = normal({3, 1, 4}, 4, DType::kF32);
  Tensor both = Tensor::zeros({5, 2, 4});
  for (int64_t t = 0; t < 3; ++t) std::copy_n(alone.data<float>() + t * 4, 4, both.data<float>() + (t * 2 + 1) * 4);
  const Tensor expected = layer(alone, {}), out = layer(both, {5, 3});
  for (int64_t c = 0; c < 4; ++c) {
    const float weight = expected.data<float>()[c] / alone.data<float>()[c];
    EXPECT_GT(weight, 0);
    EXPECT_LT(weight, 1);
    for (int64_t t = 0; t < 3; ++t) {
      EXPECT_NEAR(expected.data<float>()[t * 4 + c], weight * alone.data<float>()[t * 4 + c], 1e-6);
      EXPECT_NEAR(out.data<float>()[(t * 2 + 1) * 4 + c], expected.data<float>()[t * 4 + c], 1e-6);
    }
  }
}

TEST(SqueezeExcite, GradientsAreExact) {
  Random random(1);
  SqueezeExcite layer(4, 2, random);
  layer.to(DType::kF64);
  const auto f = [&](const Tensors& in) { return Tensors{layer(in[0], {3, 2})}; };
  EXPECT_LT(gradient_error(f, {normal({3, 2, 4})}), 1e-6);
}

TEST(ConvStack, StridesOnlyOnceWhenTold) {
  Random random(1);
  ConvStack stack({.in = 1, .widths = {2, 2}, .kernels = {3}, .stride = 2, .stride_once = true, .squeeze = 2}, random);
  const auto out = stack(normal({9, 2, 1}, 4, DType::kF32), {9, 5}, Mode::training());
  EXPECT_EQ(out.y.shape(), (Shape{5, 2, 2}));
  EXPECT_EQ(out.lengths, (std::vector<int64_t>{5, 3}));
  EXPECT_EQ(stack.parameter_count(), (3 + 1) * 2 + (2 * 3 + 1) * 2 + 2 * 2 * 2 + 2 + 2);  // one squeeze of 1 unit
}

TEST(ConvStack, WithoutLayersGivesWhatItGets) {
  Random random(1);
  ConvStack stack({.in = 3}, random);
  const Tensor x = normal({4, 2, 3}, 1, DType::kF32);
  EXPECT_EQ(stack(x, {4, 2}, Mode::training()).y.id(), x.id());
  EXPECT_EQ(stack.output_features(), 3);
}

TEST(ConvStack, TakesASingleStepInTraining) {
  Random random(1);
  ConvStack stack({.in = 1, .widths = {2}}, random);
  EXPECT_EQ(stack(Tensor::ones({1, 1, 1}), {}, Mode::training()).y.shape(), (Shape{1, 1, 2}));
}

TEST(TimeConv, RefusesWhatDoesNotFit) {
  EXPECT_ERROR(make({.in = 0, .out = 1}), "at least 1");
  EXPECT_ERROR(make({.in = 2, .out = 1})(Tensor::zeros({3, 1, 1})), "expected [T, B, 2]");
  Random random(1);
  EXPECT_ERROR(ConvStack({.in = 1, .widths = {1}, .kernels = {}}, random), "kernels");
}

}  // namespace
}  // namespace recur
