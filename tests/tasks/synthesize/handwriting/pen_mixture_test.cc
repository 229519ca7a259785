#include "recur/tasks/synthesize/handwriting/pen_mixture.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

TEST(PenMixture, IsPyTorchsMixtureOfGaussiansAndBernoulli) {
  const Golden golden("pen_mixture");
  const PenMixture pen({.in = 2, .parts = golden.integer("parts")});
  Tensor described = golden["described"];
  described.set_requires_grad(true);
  const Tensor losses = pen.losses(described, golden["moves"]);
  EXPECT_LT(relative_error(losses, golden["losses"]), 1e-12);
  const Tensors gradients = grad(Tensors{sum(losses)}, {described});
  EXPECT_LT(relative_error(gradients[0], golden["grad.described"]), 1e-11);
}

// Of one that is nearly certain of a point, and one that is not: no density is without bounds.
TEST(PenMixture, IsFiniteForMovesOfOneSizeAlongALine) {
  const PenMixture pen({.in = 2, .parts = 1});
  Tensor described = Tensor::from({0.f, 0.f, 0.f, -1e4f, -1e4f, 1e4f, 1e4f}, {1, 7});
  described.set_requires_grad(true);
  const Tensor losses = pen.losses(described, Tensor::from({1.f, -1.f, 1.f}, {1, 3}));
  EXPECT_TRUE(std::isfinite(losses.item()));
  for (const float each : grad(Tensors{sum(losses)}, {described})[0].values<float>()) EXPECT_TRUE(std::isfinite(each));
}

// Two Gaussians of weights 3 to 1, the second turned, and a lift in a quarter of the moves.
TEST(PenMixture, DrawsWhatItDescribes) {
  constexpr int kDraws = 20000;
  const PenMixture pen({.in = 2, .parts = 2});
  const std::vector<float> described{std::log(3.f), 0, -2, 4, 1, -1, 0, 0, 0, std::log(2.f), 0, 0.8f, -std::log(3.f)};
  Random random(5);
  double first = 0, lifts = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0, second = 0;
  for (int i = 0; i < kDraws; ++i) {
    const PenMove move = pen.draw(described, 0, random);
    lifts += move.lifts ? 1 : 0;
    if (move.x < 1) {
      first += 1;
      continue;
    }
    second += 1;
    x += move.x;
    y += move.y;
    xx += (move.x - 4) * (move.x - 4);
    yy += (move.y + 1) * (move.y + 1);
    xy += (move.x - 4) * (move.y + 1);
  }
  EXPECT_NEAR(first / kDraws, 0.75, 0.02);
  EXPECT_NEAR(lifts / kDraws, 0.25, 0.02);
  EXPECT_NEAR(x / second, 4, 0.06);
  EXPECT_NEAR(y / second, -1, 0.12);
  // The deviation of e^(l + softplus(r - l)) at r = 0 is 1.0067.
  EXPECT_NEAR(xx / second, 1.0, 0.1);
  EXPECT_NEAR(std::sqrt(yy / second), 2.0, 0.1);
  EXPECT_NEAR(xy / std::sqrt(xx * yy), std::tanh(3 * std::tanh(0.8 / 3)), 0.03);
  // Sharper: always the likelier one, near its mean.
  for (int i = 0; i < 100; ++i) {
    const PenMove move = pen.draw(described, 20, random);
    EXPECT_NEAR(move.x, -2, 1e-3);
    EXPECT_NEAR(move.y, 1, 1e-3);
  }
}

}  // namespace
}  // namespace recur::testing
