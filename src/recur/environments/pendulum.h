// A pendulum to swing up and hold, with the numbers of Gymnasium's Pendulum-v1.
#pragma once

#include "recur/environments/environment.h"

namespace recur {

// The action is a torque in [-2, 2] N m. Seen are cosine and sine of the angle from upright, and the angular velocity
// unless `velocities` is off. The reward of a step is minus a cost of angle, velocity and torque; an episode is 200
// steps.
class Pendulum : public Environment {
 public:
  explicit Pendulum(bool velocities);

  void reset(uint64_t seed, std::span<float> observation) override;
  // From this angle (rad) and angular velocity (rad/s) instead.
  void begin(double angle, double spin, std::span<float> observation);
  Outcome step(std::span<const float> action, std::span<float> observation) override;

 private:
  void see(std::span<float> observation) const;

  double angle_ = 0, spin_ = 0;
  int64_t steps_ = 0;
};

}  // namespace recur
