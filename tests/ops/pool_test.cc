#include "recur/ops/pool.h"

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(MaxPool, SendsTheGradientToTheFirstOfEquals) {
  Tensor x = Tensor::from({1, 4, 4, 2}, {1, 1, 4}).set_requires_grad();
  const Tensor y = max_pool1d(x, {.kernel = 4});
  EXPECT_EQ(y.item(), 4);
  EXPECT_THAT(grad(y, x).values<float>(), ElementsAre(0, 1, 0, 0));
}

TEST(MaxPool, NeverChoosesThePadding) {
  const Tensor y = max_pool1d(Tensor::full({1, 1, 3}, -5), {.kernel = 2, .stride = 1, .padding = 1});
  EXPECT_THAT(y.values<float>(), ElementsAre(-5, -5, -5, -5));
}

TEST(MaxPool, PassesNanOn) {
  EXPECT_TRUE(std::isnan(max_pool1d(Tensor::from({1, NAN, 3}, {1, 1, 3}), {.kernel = 3}).item()));
  EXPECT_TRUE(std::isnan(max_pool2d(Tensor::from({1, 2, NAN, 3}, {1, 1, 2, 2}), {.kernel = {2, 2}}).item()));
}

TEST(AvgPool, CountsThePaddingUnlessTold) {
  const Tensor x = Tensor::from({2, 4}, {1, 1, 2});
  EXPECT_THAT(avg_pool1d(x, {.kernel = 2, .stride = 2, .padding = 1}).values<float>(), ElementsAre(1, 2));
  EXPECT_THAT(avg_pool1d(x, {.kernel = 2, .stride = 2, .padding = 1, .count_padding = false}).values<float>(),
              ElementsAre(2, 4));
}

TEST(Pool, StrideIsTheKernelUnlessTold) {
  EXPECT_EQ(max_pool2d(Tensor::zeros({2, 3, 7, 8}), {.kernel = {2, 3}}).shape(), (Shape{2, 3, 3, 2}));
  EXPECT_EQ(avg_pool2d(Tensor::zeros({0, 3, 7, 8}), {.kernel = {2, 3}}).shape(), (Shape{0, 3, 3, 2}));
}

TEST(Pool, KeepsBf16) {
  EXPECT_EQ(max_pool1d(Tensor::ones({1, 1, 2}, DType::kBF16), {.kernel = 2}).dtype(), DType::kBF16);
  EXPECT_EQ(avg_pool1d(Tensor::ones({1, 1, 2}, DType::kBF16), {.kernel = 2}).dtype(), DType::kBF16);
}

TEST(Pool, NamesWhatDoesNotFit) {
  const Tensor x = Tensor::zeros({1, 1, 4, 4});
  EXPECT_ERROR(max_pool2d(x, {.kernel = {5, 1}}), "max_pool: window [5, 1] does not fit into x [1, 1, 4, 4]");
  EXPECT_ERROR(avg_pool2d(x, {.kernel = {0, 1}}), "avg_pool: expected kernel, stride and dilation >= 1");
  EXPECT_ERROR(max_pool2d(x, {.kernel = {2, 2}, .padding = {2, 0}}), "expected a padding of 0 .. 1, half the kernel");
  EXPECT_ERROR(max_pool2d(Tensor::zeros({4, 4}), {.kernel = {2, 2}}), "expected x [N, C, H, W], got [4, 4]");
  EXPECT_ERROR(avg_pool1d(x, {.kernel = 2}), "avg_pool1d: expected x [N, C, W]");
  EXPECT_ERROR(max_pool1d(Tensor::zeros({1, 1, 3}), {.kernel = 2, .padding = 1, .dilation = 4}),
               "contains only padding");
}

}  // namespace
}  // namespace recur
