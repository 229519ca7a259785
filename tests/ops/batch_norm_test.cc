#include "recur/ops/batch_norm.h"

#include <utility>
#include <vector>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(BatchNorm, NormalisesEachChannelOverAllElse) {
  const Tensor x = testing::normal({4, 3, 5});
  const BatchNormResult result = batch_norm_training(x * 3 + 7);
  const auto channels = [](const Tensor& t) { return reshape(transpose(t, 0, 1), Shape{3, 20}); };
  EXPECT_LT(testing::relative_error(variance(channels(result.y), 1, false), Tensor::ones({3})), 1e-4);
  EXPECT_LT(testing::relative_error(result.variance, variance(channels(x * 3 + 7), 1)), 1e-12);
  EXPECT_EQ(result.mean.shape(), (Shape{3}));
}

TEST(BatchNorm, KeepsStatisticsOutsideTheGraph) {
  const BatchNormResult result = batch_norm_training(testing::normal({4, 3}).set_requires_grad());
  EXPECT_TRUE(result.y.requires_grad());
  EXPECT_FALSE(result.mean.requires_grad());
  EXPECT_FALSE(result.variance.requires_grad());
}

TEST(BatchNorm, InferenceWithTheBatchsOwnStatisticsIsTraining) {
  const Tensor x = testing::normal({50, 3});
  const BatchNormResult result = batch_norm_training(x);
  const Tensor y = batch_norm_inference(x, {.mean = result.mean, .variance = result.variance * (49.0 / 50)});
  EXPECT_LT(testing::relative_error(y, result.y), 1e-12);
}

TEST(BatchNorm, WithReluIsReluOfIt) {
  const Tensor weight = testing::normal({3}, 2), bias = testing::normal({3}, 3), g = testing::normal({2, 3, 5, 7}, 4);
  const auto gradients = [&](bool fused) {
    const Tensors in{testing::normal({2, 3, 5, 7}).set_requires_grad(), weight.clone().set_requires_grad(),
                     bias.clone().set_requires_grad()};
    const Tensor y = fused ? batch_norm_by(in[0], batch_statistics(in[0]), in[1], in[2], 1e-5, true)
                           : relu(batch_norm_training(in[0], in[1], in[2]).y);
    Tensors all{y};
    const Tensors first = grad({sum(y * g)}, in, {.create_graph = true});
    const Tensors second = grad({sum(square(first[0]))}, in);
    all.insert(all.end(), first.begin(), first.end());
    all.insert(all.end(), second.begin(), second.end());
    return all;
  };
  const Tensors fused = gradients(true), apart = gradients(false);
  for (size_t k = 0; k < fused.size(); ++k) EXPECT_LT(testing::relative_error(fused[k], apart[k]), 1e-10) << k;
  const Tensor x = testing::normal({2, 3, 5, 7}).set_requires_grad();
  sum(batch_norm_by(x, batch_statistics(x), weight, bias, 1e-5, true) * g).backward();
  EXPECT_LT(testing::relative_error(x.grad(), apart[1]), 1e-10);
}

TEST(BatchNorm, TakesNarrowNumbers) {
  const Tensor x = testing::normal({4, 3, 20}).clone(DType::kF32);
  const Tensor narrow = batch_norm_training(x.clone(DType::kBF16)).y;
  EXPECT_EQ(narrow.dtype(), DType::kBF16);
  EXPECT_LT(testing::relative_error(narrow.clone(DType::kF32), batch_norm_training(x).y), 0.01);
}

TEST(BatchNorm, ThreadsShareTheChannels) {
  const Tensor x = testing::normal({4, 7, 40}).clone(DType::kF32);
  const auto all = [](const Tensor& t) {
    const auto values = t.values<float>();
    return std::vector<float>(values.begin(), values.end());
  };
  const auto run = [&](int threads) {
    set_threads(threads);
    const Tensor own = x.clone().set_requires_grad();
    const Tensor y = batch_norm_training(own).y;
    sum(square(y) * y).backward();
    set_threads(1);
    return std::pair(all(y), all(own.grad()));
  };
  EXPECT_EQ(run(1), run(3));
}

TEST(BatchNorm, NamesWhatDoesNotFit) {
  EXPECT_ERROR(batch_norm_training(Tensor::zeros({3})), "batch_norm: x: expected [N, C, ...], got [3]");
  EXPECT_ERROR(batch_norm_training(Tensor::zeros({1, 3})), "expected at least two values per channel, got x [1, 3]");
  EXPECT_ERROR(batch_norm_training(Tensor::zeros({2, 3}), Tensor::zeros({2})), "weight: expected [3], got [2]");
  const Tensor three = Tensor::ones({3});
  EXPECT_ERROR(batch_norm_inference(Tensor::zeros({2, 3}), {.mean = Tensor::zeros({1}), .variance = three}),
               "batch_norm: mean: expected [3], got [1]");
}

}  // namespace
}  // namespace recur
