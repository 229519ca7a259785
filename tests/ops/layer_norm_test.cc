#include "recur/ops/layer_norm.h"

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/reduce.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(LayerNorm, GivesEachRowMeanZeroAndVarianceOne) {
  const Tensor y = layer_norm(testing::normal({5, 40}) * 30 + 1000);
  EXPECT_LT(testing::relative_error(mean(y, 1) + 1, Tensor::ones({5})), 1e-9);
  EXPECT_LT(testing::relative_error(variance(y, 1, false), Tensor::ones({5})), 1e-5);
}

TEST(LayerNorm, KeepsItsPrecisionFarFromZero) {
  const Tensor x = testing::normal({4, 50}) + 1e4;
  EXPECT_LT(testing::relative_error(layer_norm(x.clone(DType::kF32)), layer_norm(x)), 2e-3);
}

// For every length around a vector's.
TEST(LayerNorm, FusedGradientEqualsTheComposedOne) {
  for (const int64_t n : {1, 2, 7, 8, 15, 16, 17, 33}) {
    Tensors in{testing::normal({70, n}, 1, DType::kF32), testing::normal({n}, 2, DType::kF32),
               testing::normal({n}, 3, DType::kF32)};
    for (Tensor& t : in) t.set_requires_grad();
    const Tensor loss = sum(layer_norm(in[0], in[1], in[2]) * testing::normal({70, n}, 4, DType::kF32));
    const Tensors composed = grad({loss}, in, {.create_graph = true}), fused = grad({loss}, in);
    for (size_t k = 0; k < in.size(); ++k)
      EXPECT_LT(testing::relative_error(fused[k] + 1, composed[k] + 1), 3e-5) << n << " input " << k;
  }
}

TEST(LayerNorm, IsTheSameForAnyNumberOfThreads) {
  Tensors in{testing::normal({500, 30}, 1, DType::kF32), testing::normal({30}, 2, DType::kF32),
             testing::normal({30}, 3, DType::kF32)};
  for (Tensor& t : in) t.set_requires_grad();
  const auto run = [&] { return grad({sum(square(layer_norm(in[0], in[1], in[2])))}, in); };
  const Tensors once = run();
  set_threads(3);
  const Tensors again = run();
  set_threads(1);
  for (size_t k = 0; k < in.size(); ++k) EXPECT_EQ(testing::relative_error(again[k], once[k]), 0);
}

TEST(LayerNorm, TakesEmptyTensorsAndBf16) {
  EXPECT_EQ(layer_norm(Tensor::zeros({0, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(layer_norm(Tensor::zeros({3, 0})).shape(), (Shape{3, 0}));
  EXPECT_EQ(layer_norm(Tensor::ones({2, 3}, DType::kBF16)).dtype(), DType::kBF16);
  Tensors in{Tensor::zeros({0, 3}).set_requires_grad(), Tensor::zeros({3}).set_requires_grad()};
  EXPECT_EQ(sum(grad({sum(layer_norm(in[0], in[1]))}, in)[1]).item(), 0);
}

TEST(LayerNorm, NamesWhatDoesNotFit) {
  const Tensor x = Tensor::zeros({2, 3});
  EXPECT_ERROR(layer_norm(x, Tensor::zeros({2})), "layer_norm: weight: expected f32 [3], got f32 [2]");
  EXPECT_ERROR(layer_norm(x, {}, Tensor::zeros({3}, DType::kF64)), "layer_norm: bias: expected f32 [3], got f64 [3]");
  EXPECT_ERROR(layer_norm(x, {}, {}, 0), "layer_norm: eps: expected > 0, got 0");
}

}  // namespace
}  // namespace recur
