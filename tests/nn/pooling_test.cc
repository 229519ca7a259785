#include "recur/nn/pooling.h"

#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

const std::vector<int64_t> kLengths{4, 1, 0, 3};

// [4, 4, 6] with zeros behind the ends.
Tensor padded(DType dtype = DType::kF32) {
  Tensor y = normal({4, 4, 6}, 3, dtype);
  dispatch_float("test", dtype, [&](auto zero) {
    using T = decltype(zero);
    T* data = y.data<T>();
    for (int64_t t = 0; t < 4; ++t)
      for (int64_t b = 0; b < 4; ++b)
        for (int64_t f = 0; f < 6; ++f)
          if (t >= kLengths[b]) data[(t * 4 + b) * 6 + f] = 0;
  });
  return y;
}

float at(const Tensor& y, int64_t t, int64_t b, int64_t f) { return y.data<float>()[(t * 4 + b) * 6 + f]; }

class PoolingKinds : public ::testing::TestWithParam<const char*> {
 protected:
  Pooling make(bool bidirectional = false) const {
    Random random(1);
    return Pooling({.kind = GetParam(), .features = 6, .bidirectional = bidirectional}, random);
  }
};

TEST_P(PoolingKinds, DoesNotDependOnPadding) {
  const Pooling pool = make();
  const Tensor y = padded();
  const Tensor pooled = pool(y, kLengths);
  const int64_t width = pool.output_features();
  EXPECT_EQ(pooled.shape(), (Shape{4, width}));
  Tensor alone = Tensor::empty({3, 1, 6});  // sequence 3 by itself
  for (int64_t t = 0; t < 3; ++t)
    for (int64_t f = 0; f < 6; ++f) alone.data<float>()[t * 6 + f] = at(y, t, 3, f);
  const Tensor expected = pool(alone, {});
  for (int64_t f = 0; f < width; ++f) EXPECT_NEAR(pooled.data<float>()[3 * width + f], expected.data<float>()[f], 1e-6);
}

TEST_P(PoolingKinds, AnEmptySequenceGivesZeros) {
  const Pooling pool = make();
  const int64_t width = pool.output_features();
  const Tensor pooled = pool(padded(), kLengths);
  for (int64_t f = 0; f < width; ++f) EXPECT_EQ(pooled.data<float>()[2 * width + f], 0);
  const Tensor none = pool(Tensor::empty({0, 2, 6}), {0, 0});
  for (const float value : none.values<float>()) EXPECT_EQ(value, 0);
}

TEST_P(PoolingKinds, GradientsAreExact) {
  Pooling pool = make(true);
  pool.to(DType::kF64);
  const auto f = [&](const Tensors& in) { return Tensors{pool(in[0], kLengths)}; };
  EXPECT_LT(gradient_error(f, {padded(DType::kF64)}), 1e-6);
}

TEST_P(PoolingKinds, PaddingGetsNoGradient) {
  Tensor y = padded();
  y.set_requires_grad();
  sum(make()(y, kLengths)).backward();
  const bool takes_mean = GetParam() == std::string("mean") || GetParam() == std::string("concat");
  for (int64_t t = 1; t < 4; ++t) EXPECT_EQ(at(y.grad(), t, 1, 0), takes_mean ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(All, PoolingKinds, ::testing::Values("last", "mean", "max", "attention", "concat"));

TEST(PoolLast, IsTheFinalStateInBothDirections) {
  Recurrent rnn({.cell = "lstm", .input = 6, .hidden = 3, .bidirectional = true});
  const auto out = rnn(padded(), {.lengths = kLengths});
  const Tensor last = pool_last(out.y, kLengths, true);
  for (const int64_t direction : {0, 1}) {
    const Tensor& h = out.state.layers[direction][0];
    for (int64_t b = 0; b < 4; ++b)
      for (int64_t k = 0; k < 3; ++k)
        EXPECT_EQ(last.data<float>()[b * 6 + direction * 3 + k], h.data<float>()[b * 3 + k]) << b;
  }
}

TEST(PoolMean, DividesByTheLength) {
  const Tensor y = padded();
  const Tensor mean = pool_mean(y, kLengths);
  EXPECT_NEAR(mean.data<float>()[3 * 6], (at(y, 0, 3, 0) + at(y, 1, 3, 0) + at(y, 2, 3, 0)) / 3, 1e-6);
  EXPECT_NEAR(mean.data<float>()[1 * 6], at(y, 0, 1, 0), 1e-6);
}

TEST(PoolMax, TakesNegativeValuesBeforePadding) {
  const Tensor y = Tensor::from({-2, -3, 0, -1}, {2, 2, 1});
  const Tensor top = pool_max(y, {1, 2});
  EXPECT_EQ(top.data<float>()[0], -2);
  EXPECT_EQ(top.data<float>()[1], -1);
}

TEST(Pooling, ConcatPutsLastMaxAndMeanBehindOneAnother) {
  Random random(1);
  const Pooling pool({.kind = "concat", .features = 6, .bidirectional = true}, random);
  const Tensor y = padded(), all = pool(y, kLengths);
  const Tensors parts{pool_last(y, kLengths, true), pool_max(y, kLengths), pool_mean(y, kLengths)};
  for (int64_t b = 0; b < 4; ++b)
    for (int64_t k = 0; k < 18; ++k)
      EXPECT_EQ(all.values<float>()[b * 18 + k], parts[k / 6].values<float>()[b * 6 + k % 6]);
}

TEST(Pooling, RefusesAKindThatIsNone) {
  Random random(1);
  EXPECT_ERROR(Pooling({.kind = "sum", .features = 6}, random), "got 'sum'");
}

TEST(AttentionPooling, WeightsAddUpToOne) {
  Random random(1);
  const AttentionPooling pool(6, random);
  const Tensor weights = pool.weights(padded(), kLengths);
  const Tensor totals = sum(weights, 0);
  for (int64_t b = 0; b < 4; ++b) EXPECT_NEAR(totals.data<float>()[b], kLengths[b] > 0 ? 1 : 0, 1e-6);
  EXPECT_NEAR(weights.data<float>()[1], 1, 1e-6);  // the only step of sequence 1
}

TEST(Pooling, RefusesWhatDoesNotFit) {
  Random random(1);
  EXPECT_ERROR(Pooling({.kind = "median", .features = 2}, random), "got 'median'");
  EXPECT_ERROR(pool_mean(Tensor::zeros({2, 3}), {}), "expected [T, B, F]");
  EXPECT_ERROR(pool_mean(Tensor::zeros({2, 3, 1}), {1}), "each of 3 sequences");
  EXPECT_ERROR(pool_max(Tensor::zeros({2, 1, 1}), {3}), "0 .. 2, got 3");
}

}  // namespace
}  // namespace recur
