#include "recur/ops/conv.h"

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Conv, CorrelatesWithTheKernelAsItStands) {
  const Tensor y = conv1d(Tensor::from({1, 2, 3, 4}, {1, 1, 4}), Tensor::from({1, 10}, {1, 1, 2}));
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(21, 32, 43));
}

TEST(Conv, AddsTheBiasOfEachFilter) {
  const Tensor y = conv1d(Tensor::zeros({1, 1, 2}), Tensor::zeros({2, 1, 1}), Tensor::from({5, 6}, {2}));
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(5, 5, 6, 6));
}

TEST(Conv, IsTheSameForAnyNumberOfThreads) {
  Tensors in{testing::normal({20, 4, 9, 9}, 1, DType::kF32), testing::normal({6, 2, 3, 3}, 2, DType::kF32)};
  for (Tensor& t : in) t.set_requires_grad();
  const auto run = [&] {
    const Tensor y = conv2d(in[0], in[1], {}, {.padding = {1, 1}, .groups = 2});
    Tensors all = grad({sum(square(y))}, in);
    all.push_back(y);
    return all;
  };
  const Tensors once = run();
  set_threads(3);
  const Tensors again = run();
  set_threads(1);
  for (size_t k = 0; k < once.size(); ++k) EXPECT_EQ(testing::relative_error(again[k], once[k]), 0) << k;
}

TEST(Conv, TakesNoImagesAndBf16) {
  Tensor w = Tensor::ones({2, 3, 1, 1}).set_requires_grad();
  const Tensor y = conv2d(Tensor::zeros({0, 3, 4, 4}), w);
  EXPECT_EQ(y.shape(), (Shape{0, 2, 4, 4}));
  EXPECT_EQ(sum(grad(sum(y), w)).item(), 0);
  EXPECT_EQ(conv2d(Tensor::ones({1, 1, 2, 2}, DType::kBF16), Tensor::ones({1, 1, 2, 2}, DType::kBF16)).item(), 4);
}

TEST(Conv, NamesWhatDoesNotFit) {
  const Tensor x = Tensor::zeros({1, 4, 5, 5}), w = Tensor::zeros({6, 4, 3, 3});
  EXPECT_ERROR(conv2d(x, Tensor::zeros({6, 3, 3, 3})), "conv: x [1, 4, 5, 5] and weight [6, 3, 3, 3] do not fit in 1");
  EXPECT_ERROR(conv2d(x, w, {}, {.groups = 2}), "do not fit in 2 groups");
  EXPECT_ERROR(conv2d(x, w, {}, {.groups = 0}), "do not fit in 0 groups");
  EXPECT_ERROR(conv2d(x, w, {}, {.stride = {1, 0}}), "expected stride >= 1, dilation >= 1 and padding >= 0, got 0");
  EXPECT_ERROR(conv2d(x, w, {}, {.padding = {-1, 0}}), "1, 1 and -1");
  EXPECT_ERROR(conv2d(x, Tensor::zeros({6, 4, 6, 3})),
               "kernel of weight [6, 4, 6, 3] does not fit into x [1, 4, 5, 5]");
  EXPECT_ERROR(conv2d(x, w, {}, {.dilation = {3, 1}}), "does not fit into x");
  EXPECT_ERROR(conv2d(x, w, Tensor::zeros({5})), "conv: bias: expected [6], got [5]");
  EXPECT_ERROR(conv2d(x, w.clone(DType::kF64)), "conv: operands are f32 and f64");
  EXPECT_ERROR(conv1d(x, w), "conv1d: expected x [N, C, W] and weight [O, C, K]");
}

}  // namespace
}  // namespace recur
