#include "recur/environments/pendulum.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "recur/base/random.h"

namespace recur {
namespace {

constexpr double kFastest = 8, kMostTorque = 2;                             // rad/s, N m
constexpr double kPull = 10, kMass = 1, kLength = 1, kPendulumTick = 0.05;  // m/s^2, kg, m, s
constexpr int64_t kEpisode = 200;

// The same angle within [-pi, pi).
double turned(double angle) {
  const double whole = 2 * std::numbers::pi, shifted = std::fmod(angle + std::numbers::pi, whole);
  return (shifted < 0 ? shifted + whole : shifted) - std::numbers::pi;
}

}  // namespace

Pendulum::Pendulum(bool velocities)
    : Environment({.features = velocities ? 3 : 2, .actions = {.low = {-kMostTorque}, .high = {kMostTorque}}}) {}

void Pendulum::reset(uint64_t seed, std::span<float> observation) {
  Random random(seed);
  const double angle = std::numbers::pi * (2 * random.uniform64() - 1);
  begin(angle, 2 * random.uniform64() - 1, observation);
}

void Pendulum::begin(double angle, double spin, std::span<float> observation) {
  angle_ = angle, spin_ = spin;
  steps_ = 0;
  see(observation);
}

void Pendulum::see(std::span<float> observation) const {
  observation[0] = static_cast<float>(std::cos(angle_));
  observation[1] = static_cast<float>(std::sin(angle_));
  if (observation.size() > 2) observation[2] = static_cast<float>(spin_);
}

Outcome Pendulum::step(std::span<const float> action, std::span<float> observation) {
  const double torque = std::clamp(static_cast<double>(action[0]), -kMostTorque, kMostTorque);
  const double off = turned(angle_);
  Outcome out{.reward = -(off * off + 0.1 * spin_ * spin_ + 0.001 * torque * torque)};
  const double gain = 3 * kPull / (2 * kLength) * std::sin(angle_) + 3 / (kMass * kLength * kLength) * torque;
  spin_ = std::clamp(spin_ + gain * kPendulumTick, -kFastest, kFastest);
  angle_ += spin_ * kPendulumTick;
  out.truncated = ++steps_ >= kEpisode;
  see(observation);
  return out;
}

}  // namespace recur
