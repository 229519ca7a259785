// The T-maze of Bakker, "Reinforcement learning with long short-term memory" (NIPS 2001): a corridor with a sign at its
// beginning that says which way to turn at its end.
#pragma once

#include "recur/environments/environment.h"

namespace recur {

// The agent stands at one of N + 1 places, of which the last is the junction, and sees three bits: 011 or 110 at the
// first (turn north or south), 101 in the corridor, 010 at the junction. Actions: 0 north, 1 east, 2 south, 3 west. A
// turn at the junction ends the episode, with reward 4 the right way and -0.1 the other; an action that does not move
// the agent has reward -0.1, others 0. Cut off after most_steps(). Success: the right turn.
class TMaze : public Environment {
 public:
  explicit TMaze(int64_t length);  // N >= 1

  void reset(uint64_t seed, std::span<float> observation) override;
  Outcome step(std::span<const float> action, std::span<float> observation) override;

  int64_t most_steps() const { return 50 * length_ + 50; }
  bool goal_is_north() const { return north_; }

 private:
  void see(std::span<float> observation) const;

  int64_t length_;
  int64_t place_ = 0, steps_ = 0;
  bool north_ = false;
};

}  // namespace recur
