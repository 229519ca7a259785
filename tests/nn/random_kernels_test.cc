#include "recur/nn/random_kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "recur/autograd/gradient_check.h"
#include "recur/ops/slice.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

RandomKernels fitted(int64_t channels, int64_t steps, int64_t features) {
  RandomKernels kernels({.channels = channels, .steps = steps, .features = features});
  Random random(3);
  kernels.fit(normal({steps, 5, channels}, 7, DType::kF32), {}, random);
  return kernels;
}

TEST(RandomKernels, HasAsManyFeaturesAsAskedAtDilationsThatFit) {
  EXPECT_EQ(RandomKernels({.steps = 1}).dilations(), 1);
  EXPECT_EQ(RandomKernels({.steps = 16}).dilations(), 1);
  EXPECT_EQ(RandomKernels({.steps = 17}).dilations(), 2);
  EXPECT_EQ(RandomKernels({.steps = 427}).dilations(), 6);
  EXPECT_EQ(RandomKernels({.steps = 427}).features(), 2016);
  EXPECT_EQ(RandomKernels({.steps = 427, .features = 1}).features(), 84 * 6);
}

TEST(RandomKernels, FeaturesAreShallowSharesAboveThresholds) {
  constexpr int64_t kSteps = 20, kChannels = 3;
  const RandomKernels kernels = fitted(kChannels, kSteps, 84 * 4);
  const NamedTensors buffers = kernels.named_buffers();
  const float* channels = std::as_const(buffers[0].value).data<float>();
  const float* thresholds = std::as_const(buffers[1].value).data<float>();
  const float* widths = std::as_const(buffers[2].value).data<float>();
  const Tensor x = normal({kSteps, 1, kChannels}, 11, DType::kF32);
  const float* values = std::as_const(x).data<float>();
  const Tensor features = kernels(x, {});
  ASSERT_EQ(features.shape(), Shape({1, 84 * 4}));
  int64_t place = 0, kernel = 0;
  for (int64_t dilation : {1, 2}) {
    for (int64_t i = 0; i < 9; ++i) {
      for (int64_t j = i + 1; j < 9; ++j) {
        for (int64_t k = j + 1; k < 9; ++k, ++kernel) {
          std::array<double, kSteps> z{};
          for (int64_t t = 0; t < kSteps; ++t) {
            for (int64_t tap = 0; tap < 9; ++tap) {
              const int64_t at = t + (tap - 4) * dilation;
              if (at < 0 || at >= kSteps) continue;
              for (int64_t c = 0; c < kChannels; ++c) {
                z[t] += (tap == i || tap == j || tap == k ? 2 : -1) * double{channels[kernel * kChannels + c]} *
                        double{values[at * kChannels + c]};
              }
            }
          }
          for (int n = 0; n < 2; ++n, ++place) {
            double share = 0;
            for (const double each : z) {
              share += 1 / (1 + std::exp(-(each - double{thresholds[place]}) / double{widths[kernel]})) / kSteps;
            }
            EXPECT_NEAR(std::as_const(features).data<float>()[place], share, 1e-5);
          }
        }
      }
    }
  }
}

TEST(RandomKernels, EachReadsAtLeastOneChannelAndAtMostNine) {
  const Tensor channels = fitted(40, 9, 84).named_buffers()[0].value;
  for (int64_t k = 0; k < 84; ++k) {
    float count = 0;
    for (int64_t c = 0; c < 40; ++c) count += std::as_const(channels).data<float>()[k * 40 + c];
    EXPECT_GE(count, 1);
    EXPECT_LE(count, 9);
  }
}

TEST(RandomKernels, PaddingHasNoInfluence) {
  const RandomKernels kernels = fitted(2, 30, 84 * 4);
  Tensor batch = Tensor::zeros({30, 2, 2});
  const Tensor x = normal({12, 1, 2}, 5, DType::kF32);
  for (int64_t t = 0; t < 12; ++t) {
    for (int64_t c = 0; c < 2; ++c)
      batch.data<float>()[(t * 2 + 1) * 2 + c] = std::as_const(x).data<float>()[t * 2 + c];
  }
  EXPECT_LT(relative_error(slice(kernels(batch, {30, 12}), {0, 1}, 1), kernels(x, {})), 1e-6);
}

TEST(RandomKernels, GradientsAreThoseOfDifferences) {
  RandomKernels kernels = fitted(2, 18, 84 * 2);
  kernels.to(DType::kF64);
  const auto f = [&](const Tensors& in) { return Tensors{kernels(in[0], {18, 11})}; };
  EXPECT_LT(gradient_error(f, {normal({18, 2, 2}, 9, DType::kF64)}), 1e-6);
}

}  // namespace
}  // namespace recur
