#include "recur/ops/linear_cross_entropy.h"

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

struct Layer {
  Tensor x, weight, bias, targets;

  Layer(int64_t rows, int64_t features, int64_t classes)
      : x(testing::normal({rows, features}, 1, DType::kF32).set_requires_grad()),
        weight(testing::normal({classes, features}, 2, DType::kF32).set_requires_grad()),
        bias(testing::normal({classes}, 3, DType::kF32).set_requires_grad()),
        targets(Tensor::zeros({rows}, DType::kI32)) {
    for (int64_t r = 0; r < rows; ++r)
      targets.data<int32_t>()[r] = r % 7 == 3 ? -1 : static_cast<int32_t>(r * 31 % classes);
  }

  Tensors leaves() const { return {x, weight, bias}; }
  Tensor fused(const CrossEntropyOptions& options = {}) const {
    return linear_cross_entropy(x, weight, bias, targets, options);
  }
  Tensor composed(const CrossEntropyOptions& options = {}) const {
    return cross_entropy(linear(x, weight, bias), targets, options);
  }
};

void expect_close(const Tensors& got, const Tensors& expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_LT(testing::relative_error(got[i], expected[i]), tolerance) << "gradient " << i;
}

TEST(LinearCrossEntropy, EqualsItsTwoOpsWithOneChunkAndWithSeveral) {
  for (const auto& [rows, classes] : {std::pair{1, 2}, {40, 65}, {300, 40'000}, {600, 33'000}}) {
    const Layer layer(rows, 3, classes);
    for (const double smoothing : {0.0, 0.1}) {
      const CrossEntropyOptions options{.smoothing = smoothing};
      const Tensor fused = layer.fused(options), composed = layer.composed(options);
      EXPECT_NEAR(fused.item(), composed.item(), 1e-5 * composed.item());
      expect_close(grad({fused}, layer.leaves()), grad({composed}, layer.leaves()), 2e-5);
    }
  }
}

TEST(LinearCrossEntropy, ScalesByTheGradientThatArrives) {
  const Layer layer(20, 4, 9);
  expect_close(grad({layer.fused() * 35.0}, layer.leaves()), grad({layer.composed() * 35.0}, layer.leaves()), 1e-5);
}

TEST(LinearCrossEntropy, ItsGradientCanBeDifferentiated) {
  const Layer layer(20, 4, 9);
  const auto second = [&](const Tensor& loss) {
    const Tensors first = grad({loss}, layer.leaves(), {.create_graph = true});
    return grad({first[0], first[1]}, {layer.weight}, {.grad_outputs = {layer.x.detach(), layer.weight.detach()}});
  };
  expect_close(second(layer.fused()), second(layer.composed()), 1e-4);
}

TEST(LinearCrossEntropy, GoesThroughARetainedGraphTwice) {
  const Layer layer(20, 4, 9);
  const Tensor loss = layer.fused();
  const Tensors once = grad({loss}, layer.leaves(), {.retain_graph = true});
  expect_close(grad({loss}, layer.leaves()), once, 1e-30);
}

TEST(LinearCrossEntropy, GivesGradientsToThoseThatWantThem) {
  Layer layer(20, 4, 9);
  layer.x.set_requires_grad(false);
  layer.bias.set_requires_grad(false);
  layer.fused().backward();
  EXPECT_TRUE(layer.weight.grad().defined());
  EXPECT_FALSE(layer.x.grad().defined());
  EXPECT_FALSE(layer.bias.grad().defined());
}

TEST(LinearCrossEntropy, OfNoRowsIsZero) {
  const Layer layer(0, 4, 9);
  const Tensor loss = layer.fused();
  EXPECT_EQ(loss.item(), 0);
  for (const Tensor& g : grad({loss}, layer.leaves()))
    for (const float value : g.values<float>()) EXPECT_EQ(value, 0);
}

TEST(LinearCrossEntropy, TakesBf16) {
  const Layer layer(20, 4, 9);
  const Tensor loss = linear_cross_entropy(layer.x.clone(DType::kBF16), layer.weight.clone(DType::kBF16),
                                           layer.bias.clone(DType::kBF16), layer.targets);
  EXPECT_NEAR(loss.item(), layer.composed().item(), 0.05);
}

TEST(LinearCrossEntropy, KeepsNoArrayOfAllLogits) {
  const Layer layer(600, 3, 33'000);
  reset_arena_peak();
  const int64_t before = arena_stats().peak_bytes;
  layer.fused().backward();
  EXPECT_LT(arena_stats().peak_bytes - before, int64_t{600} * 33'000 * 4);
}

TEST(LinearCrossEntropy, IsTheSameForAnyNumberOfThreads) {
  const Layer layer(700, 130, 6000);
  const Tensors once = grad({layer.fused()}, layer.leaves());
  const double loss = layer.fused().item();
  set_threads(3);
  EXPECT_EQ(layer.fused().item(), loss);
  expect_close(grad({layer.fused()}, layer.leaves()), once, 1e-30);
  set_threads(1);
}

TEST(LinearCrossEntropy, SaysWhatDoesNotFit) {
  Layer layer(20, 4, 9);
  EXPECT_ERROR(linear_cross_entropy(layer.x, Tensor::zeros({9, 5}), layer.bias, layer.targets), "linear: x [20, 4]");
  EXPECT_ERROR(linear_cross_entropy(layer.x, layer.weight, Tensor::zeros({8}), layer.targets), "linear: bias");
  EXPECT_ERROR(linear_cross_entropy(layer.x, layer.weight, layer.bias, Tensor::zeros({19}, DType::kI32)),
               "linear_cross_entropy: targets [19]");
  layer.targets.data<int32_t>()[5] = 9;
  EXPECT_ERROR(layer.fused(), "linear_cross_entropy: target 9 in row 5");
  EXPECT_ERROR(layer.fused({.smoothing = 1}), "linear_cross_entropy: smoothing");
}

}  // namespace
}  // namespace recur
