// Plays rollouts: environments side by side, the states of the agents in them, and the scales of what comes in.
#pragma once

#include <vector>

#include "recur/base/random.h"
#include "recur/tasks/act/actors.h"
#include "recur/tasks/act/agent.h"
#include "recur/tasks/act/rollout.h"
#include "recur/tasks/act/running_moments.h"

namespace recur {

class RolloutPlayer {
 public:
  // `options`: complete (choose_defaults()).
  RolloutPlayer(const ActOptions& options, uint64_t seed);

  const EnvironmentSpec& spec() const { return actors_.spec(); }
  const std::vector<double>& last_returns() const { return last_returns_; }  // of the last 100 episodes that ended

  // The next steps of all agents, with the present policy. Episodes and states go on from one rollout to the next.
  // Observations are scaled as the model says; behind the rollout, the model learns the scale of what it saw.
  Rollout play(ActModel& model);

  void save(StateWriter& state, const std::string& name) const;
  void load(const StateReader& state, const std::string& name, const ActModel& model);

 private:
  // Of the rollout that is being played, [T, B].
  struct Course {
    std::vector<float> seen;  // [T, B, F], as the environments give it
    std::vector<double> rewards;
    std::vector<double> after;  // the value of what is seen behind the step, 0 at an episode's end
    std::vector<uint8_t> ends;
  };
  // Of one step, [B, ..].
  struct Turn {
    std::vector<float> policy, values, drawn, actions;
  };

  void begin_pieces(const Agent& agent, int64_t t, Rollout& rollout) const;
  void decide(Agent& agent, int64_t t, Rollout& rollout);
  void take_outcomes(Agent& agent, int64_t t, const Rollout& rollout);
  void value_what_came_after(const Agent& agent, const Rollout& rollout);
  void scale_rewards(const Rollout& rollout);
  void estimate(Rollout& rollout) const;

  ActOptions options_;
  Actors actors_;
  Random drawing_;
  RunningMoments seen_, gains_;  // of observations; of the discounted sums of rewards
  AgentState carried_;           // behind the last rollout
  std::vector<double> gain_;     // of each agent, the discounted sum of its episode so far
  std::vector<double> last_returns_;
  Course course_;
  Turn turn_;
};

}  // namespace recur
