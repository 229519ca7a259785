#include "recur/tasks/act/action_distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "recur/autograd/gradient_check.h"

namespace recur {
namespace {

using Numbers = std::vector<float>;

TEST(ActionDistribution, OfChoicesIsTheSoftmax) {
  const Numbers logits{1, 0, -1};
  const double total = std::exp(1) + 1 + std::exp(-1);
  const Tensor policy = Tensor::from(logits, {1, 1, 3});
  double entropy_by_hand = 0;
  for (int k = 0; k < 3; ++k) {
    const double p = std::exp(1 - k) / total;
    entropy_by_hand -= p * std::log(p);
    const Numbers u{static_cast<float>(k)};
    EXPECT_NEAR(log_probability(policy, {}, Tensor::from(u, {1, 1, 1})).item(), std::log(p), 1e-6);
    EXPECT_NEAR((Decision{logits, {}}.log_probability(u)), std::log(p), 1e-9);
  }
  EXPECT_NEAR(entropy(policy, {}).item(), entropy_by_hand, 1e-6);
}

TEST(ActionDistribution, OfNumbersIsAGaussianForEach) {
  const Numbers means{0.5f, -1}, log_deviation{0, std::log(2.0f)}, u{1, 1};
  const double tau = 2 * std::numbers::pi;
  const double by_hand = -0.5 * 0.25 - 0.5 * std::log(tau) - 0.5 * 1 - std::log(2) - 0.5 * std::log(tau);
  const Tensor policy = Tensor::from(means, {1, 1, 2}), deviation = Tensor::from(log_deviation, {2});
  EXPECT_NEAR(log_probability(policy, deviation, Tensor::from(u, {1, 1, 2})).item(), by_hand, 1e-5);
  EXPECT_NEAR((Decision{means, log_deviation}.log_probability(u)), by_hand, 1e-6);
  EXPECT_NEAR(entropy(policy, deviation).item(), 1 + std::log(tau) + std::log(2), 1e-5);
}

TEST(ActionDistribution, DrawsAsOftenAsItsProbabilitiesSay) {
  const Numbers logits{0, std::log(3.0f)}, mean{2}, log_deviation{std::log(0.5f)};
  Random random(3);
  constexpr int kDraws = 20000;
  double ones = 0, sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    Numbers u(1);
    Decision{logits, {}}.choose(&random, u);
    ones += static_cast<double>(u[0]);
    Decision{mean, log_deviation}.choose(&random, u);
    sum += static_cast<double>(u[0]);
    squares += std::pow(static_cast<double>(u[0]) - 2, 2);
  }
  EXPECT_NEAR(ones / kDraws, 0.75, 0.015);
  EXPECT_NEAR(sum / kDraws, 2, 0.015);
  EXPECT_NEAR(std::sqrt(squares / kDraws), 0.5, 0.01);
  Numbers u(1);
  Decision{logits, {}}.choose(nullptr, u);
  EXPECT_EQ(u[0], 1);
  Decision{mean, log_deviation}.choose(nullptr, u);
  EXPECT_EQ(u[0], 2);
}

TEST(ActionDistribution, NumbersAreHeldWithinTheirLimits) {
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  const ActionSpace space{.low = {-2, 0, -kEndless, -1}, .high = {2, 10, kEndless, kEndless}};
  Numbers action(4);
  to_action(space, false, Numbers{0.5f, 3, 7, -7}, action);
  EXPECT_EQ(action, (Numbers{1, 10, 7, -1}));
  to_action(space, true, Numbers{0, 99, 7, 7}, action);
  EXPECT_EQ(action, (Numbers{0, 10, 7, 7}));
  to_action({.choices = 5}, false, Numbers{3}, action);
  EXPECT_EQ(action[0], 3);
}

TEST(ActionDistribution, ItsGradientsAreThoseOfFiniteDifferences) {
  Random random(4);
  const auto drawn = [&](const Shape& shape) {
    Tensor t = Tensor::empty(shape, DType::kF64);
    init::normal(t, 0, 1, random);
    return t;
  };
  const Tensor choice = Tensor::from(std::vector<float>{2, 0, 1, 1}, {2, 2, 1});
  const Tensor u = drawn({2, 2, 3});
  const auto of_choices = [&](const Tensors& x) -> Tensors {
    return {log_probability(x[0], {}, choice), entropy(x[0], {})};
  };
  EXPECT_LT(gradient_error(of_choices, {drawn({2, 2, 3})}), 1e-6);
  const auto of_numbers = [&](const Tensors& x) -> Tensors {
    return {log_probability(x[0], x[1], u), entropy(x[0], x[1])};
  };
  EXPECT_LT(gradient_error(of_numbers, {drawn({2, 2, 3}), drawn({3})}), 1e-6);
}

}  // namespace
}  // namespace recur
