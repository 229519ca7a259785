// The cart with a pole of Barto, Sutton and Anderson, "Neuronlike adaptive elements that can solve difficult learning
// control problems" (1983), with the numbers of Gymnasium's CartPole-v1.
#pragma once

#include <array>

#include "recur/environments/environment.h"

namespace recur {

struct CartPoleOptions {
  bool velocities = true;  // whether they are seen
  int64_t most_steps = 500;
  double reward = 1;  // of each step
};

// Actions: 0 pushes the cart to the left, 1 to the right. Seen are position (m), velocity, angle (rad) and angular
// velocity, or position and angle alone. The episode ends when the cart is 2.4 m off or the pole leans by 12 degrees;
// success: that it never does, up to most_steps.
class CartPole : public Environment {
 public:
  using State = std::array<double, 4>;

  explicit CartPole(const CartPoleOptions& options);

  void reset(uint64_t seed, std::span<float> observation) override;
  // From this state instead.
  void begin(const State& state, std::span<float> observation);
  Outcome step(std::span<const float> action, std::span<float> observation) override;

 private:
  void see(std::span<float> observation) const;

  CartPoleOptions options_;
  State state_ = {};
  int64_t steps_ = 0;
};

}  // namespace recur
