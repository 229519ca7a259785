// What agents did and saw in some steps side by side, to be learnt from.
#pragma once

#include <string>
#include <vector>

#include "recur/io/checkpoint.h"
#include "recur/tasks/act/act_model.h"

namespace recur {

// A part of an episode, as far as it lies in the rollout.
struct Piece {
  int64_t agent = 0, begin = 0, steps = 0;
  AgentState state = {};  // before its first step, of one agent; undefined: zeros
};

// T steps of B agents; row t * B + b of each array is step t of agent b.
struct Rollout {
  int64_t steps = 0, agents = 0;                     // T, B
  std::vector<float> observations = {};              // [T, B, F], normalised
  std::vector<float> drawn = {};                     // [T, B, A], what the policy drew (action_distribution.h)
  std::vector<float> log_probabilities = {};         // [T, B]
  std::vector<float> values = {};                    // [T, B], as they were expected
  std::vector<float> advantages = {}, returns = {};  // [T, B]
  std::vector<Piece> pieces = {};

  size_t row(int64_t t, int64_t b) const { return static_cast<size_t>(t * agents + b); }
  int64_t size() const { return steps * agents; }
};

// Some of its pieces, a column each: P columns, T the longest.
struct PieceBatch {
  Tensor x;  // [T, P, F]
  std::vector<int64_t> lengths;
  AgentState state;                                             // undefined: all zeros
  Tensor drawn;                                                 // [T, P, A]
  Tensor log_probabilities, values, advantages, returns, mask;  // [T, P]
  int64_t steps = 0;                                            // that count
};

struct BatchSizes {
  int64_t features = 0, drawn = 0;  // F, A
  DType dtype = DType::kF32;
};
PieceBatch batch_of(const Rollout& rollout, const std::vector<int64_t>& pieces, const BatchSizes& sizes);

// The pieces in this order, cut into so many groups of about as many steps, none empty; a group a piece where there are
// fewer pieces.
std::vector<std::vector<int64_t>> groups_of(const Rollout& rollout, const std::vector<int64_t>& order, int64_t groups);

// The rollout must live until the state is saved.
void save(StateWriter& state, const std::string& name, const Rollout& rollout);
Rollout load_rollout(const StateReader& state, const std::string& name, const BatchSizes& sizes);

}  // namespace recur
