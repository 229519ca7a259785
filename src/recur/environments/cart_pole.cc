#include "recur/environments/cart_pole.h"

#include <cmath>
#include <numbers>

#include "recur/base/random.h"

namespace recur {
namespace {

constexpr double kGravity = 9.8, kPole = 0.1, kTotal = 1.1;     // m/s^2; kg
constexpr double kHalfLength = 0.5, kForce = 10, kTick = 0.02;  // m, N, s
constexpr double kFarthest = 2.4, kMostLeaning = 12 * 2 * std::numbers::pi / 360;
constexpr double kStart = 0.05;

}  // namespace

CartPole::CartPole(const CartPoleOptions& options)
    : Environment({.features = options.velocities ? 4 : 2, .actions = {.choices = 2}}), options_(options) {}

void CartPole::reset(uint64_t seed, std::span<float> observation) {
  Random random(seed);
  State state;
  for (double& each : state) each = kStart * (2 * random.uniform64() - 1);
  begin(state, observation);
}

void CartPole::begin(const State& state, std::span<float> observation) {
  state_ = state;
  steps_ = 0;
  see(observation);
}

void CartPole::see(std::span<float> observation) const {
  const size_t stride = options_.velocities ? 1 : 2;
  for (size_t i = 0; i < observation.size(); ++i) observation[i] = static_cast<float>(state_[i * stride]);
}

Outcome CartPole::step(std::span<const float> action, std::span<float> observation) {
  auto& [x, speed, angle, spin] = state_;
  const double force = choice_of(action) == 1 ? kForce : -kForce;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const double push = (force + kPole * kHalfLength * (spin * spin) * sine) / kTotal;
  const double turning =
      (kGravity * sine - cosine * push) / (kHalfLength * (4.0 / 3.0 - kPole * (cosine * cosine) / kTotal));
  const double gain = push - kPole * kHalfLength * turning * cosine / kTotal;
  x += kTick * speed;
  speed += kTick * gain;
  angle += kTick * spin;
  spin += kTick * turning;
  ++steps_;
  Outcome out{.reward = options_.reward};
  out.terminated = std::abs(x) > kFarthest || std::abs(angle) > kMostLeaning;
  out.truncated = steps_ >= options_.most_steps;
  if (out.ends()) out.success = !out.terminated;
  see(observation);
  return out;
}

}  // namespace recur
