// A square room in which a sign, seen once, says in which corner the goal lies.
#pragma once

#include "recur/environments/environment.h"

namespace recur {

// The agent starts in the middle of N x N cells and sees which of its four neighbours are walls, and at the first step
// alone the corner of the goal, one-hot: north-east, south-east, south-west, north-west. Actions: 0 north, 1 east,
// 2 south, 3 west. A corner ends the episode, with reward 1 if it is the goal's and -1 if not; every step costs 0.01.
// Cut off after most_steps(). Success: the goal.
class CueGrid : public Environment {
 public:
  explicit CueGrid(int64_t size);  // N >= 3, odd

  void reset(uint64_t seed, std::span<float> observation) override;
  Outcome step(std::span<const float> action, std::span<float> observation) override;

  int64_t most_steps() const { return 10 * size_; }
  int64_t goal() const { return goal_; }

 private:
  void see(std::span<float> observation) const;

  int64_t size_;
  int64_t row_ = 0, column_ = 0, goal_ = 0, steps_ = 0;
};

}  // namespace recur
