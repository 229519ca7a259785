#include "recur/tasks/forecast/heads.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "recur/autograd/gradient_check.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

// Of one step.
double loss(const Head& head, const std::vector<double>& raw, double target, double scale = 1) {
  return head
      .loss(Tensor::from(raw, {1, head.width()}), Tensor::full({1}, target, DType::kF64),
            Tensor::full({1}, scale, DType::kF64))
      .item();
}

double inverse_softplus(double y) { return std::log(std::expm1(y)); }

TEST(Heads, PointLossesAreTheirErrors) {
  EXPECT_NEAR(loss(*make_head("mae", 0), {3}, 5), 2, 1e-9);
  EXPECT_NEAR(loss(*make_head("mse", 0), {3}, 5), 4, 1e-9);
  EXPECT_EQ(make_head("mae", 0)->spread_size(100), 1);
}

TEST(Heads, QuantileLossIsPinball) {
  const auto median = make_head("quantiles", 1), quartiles = make_head("quantiles", 3);
  EXPECT_NEAR(loss(*median, {3}, 5), 2, 1e-6);
  EXPECT_NEAR(loss(*quartiles, {3, 3, 3}, 5), 2 * (0.25 + 0.5 + 0.75) * 2 / 3, 1e-6);
}

TEST(Heads, QuantilesThatCrossAreSorted) {
  const auto head = make_head("quantiles", 3);
  Random random(1);
  std::vector<float> out(3);
  head->spread(std::vector<float>{3, 1, 2}, 1, random, out);
  EXPECT_EQ(out, (std::vector<float>{1, 2, 3}));
}

TEST(Heads, NormalLossIsItsNegativeLogDensity) {
  const auto head = make_head("normal", 0);
  const double raw = inverse_softplus(2 - 1e-4), z = (5 - 3) / 2.0;
  EXPECT_NEAR(loss(*head, {3, raw}, 5), z * z / 2 + std::log(2) + 0.5 * std::log(2 * std::numbers::pi), 1e-6);
}

TEST(Heads, StudentWithManyDegreesOfFreedomIsNormal) {
  EXPECT_NEAR(loss(*make_head("student", 0), {3, 0.5, 1e5}, 4), loss(*make_head("normal", 0), {3, 0.5}, 4), 1e-4);
}

// Numerically, since the density of a distribution sums to 1.
TEST(Heads, DensitiesSumToOne) {
  const auto student = make_head("student", 0), counts = make_head("negative_binomial", 0);
  double sum = 0;
  for (double y = -60; y < 60; y += 0.01) sum += std::exp(-loss(*student, {1, 0.3, 0.2}, y)) * 0.01;
  EXPECT_NEAR(sum, 1, 1e-3);
  sum = 0;
  const double scale = 2;
  for (int y = 0; y < 300; ++y) sum += std::exp(-loss(*counts, {1, 0.3}, y / scale, scale));
  EXPECT_NEAR(sum, 1, 1e-3);
}

TEST(Heads, SamplesFollowTheLoss) {
  // The mean of samples is where the expected loss of a shift is least; for these heads the location itself.
  Random random(5);
  const std::vector<float> raw{1.0f, 0.3f, 0.4f};
  for (const char* name : {"normal", "student", "negative_binomial"}) {
    const auto head = make_head(name, 0);
    double sum = 0;
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) {
      sum += head->sample(std::span(raw).first(static_cast<size_t>(head->width())), 4, random);
    }
    const double expected = std::string(name) == "negative_binomial" ? std::log1p(std::exp(1.0)) : 1;
    EXPECT_NEAR(sum / kDraws, expected, 0.03) << name;
  }
}

TEST(Heads, SampledQuantilesLieBetweenTheOutermost) {
  const auto head = make_head("quantiles", 9);
  Random random(2);
  const std::vector<float> raw{1, 2, 3, 4, 5, 6, 7, 8, 9};
  double sum = 0;
  for (int i = 0; i < 2000; ++i) {
    const float x = head->sample(raw, 1, random);
    EXPECT_GE(x, 1);
    EXPECT_LE(x, 9);
    sum += x;
  }
  EXPECT_NEAR(sum / 2000, 5, 0.2);
}

TEST(Heads, GradientsAreExact) {
  for (const char* name : {"mse", "quantiles", "normal", "student", "negative_binomial"}) {
    const auto head = make_head(name, 3);
    const std::vector<double> values{0.3, 0.9, -0.4, 1.2, 0.1, 0.6};
    Tensor raw = Tensor::from(std::span(values).first(static_cast<size_t>(2 * head->width())), {2, head->width()});
    const Tensor target = Tensor::from(std::vector<double>{0.55, 1.5}, {2});
    const Tensor scale = Tensor::from(std::vector<double>{2, 4}, {2});
    const auto total = [&](const Tensors& inputs) { return Tensors{sum(head->loss(inputs[0], target, scale))}; };
    EXPECT_LT(gradient_error(total, {raw}), 1e-5) << name;
  }
}

}  // namespace
}  // namespace recur
