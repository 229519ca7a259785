// Learning to act: rollouts of the present policy, and the updates from each.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "recur/tasks/act/act_trained.h"
#include "recur/tasks/act/rollout_player.h"
#include "recur/tasks/training.h"

namespace recur {

// A step is an update from a minibatch; before the first one of a rollout, the rollout is played. Processes that train
// together play the same rollouts, each for itself, and share the pieces of each minibatch.
class ActTraining : public TrainingOf<ActTrained> {
 public:
  // `options`: complete (choose_defaults()).
  ActTraining(const ActOptions& options, const EnvironmentSpec& spec, const TrainingStart& start);

  TrainingStep step(bool trace_gradients) override;
  double epoch() const override;
  double default_epochs() const override;
  std::optional<double> default_rate() const override;
  bool may_end_early() const override { return false; }  // rare rewards are found late
  bool has_validation() const override { return *learning().valid_episodes > 0; }
  Evaluation validate() override;
  Criterion criterion() const override { return {.metric = "return", .higher_is_better = true}; }
  void save_state(StateWriter& state) const override;
  void load_state(const StateReader& state) override;

 private:
  const ActLearningOptions& learning() const { return trained_.options().learning; }
  BatchSizes sizes() const;
  int64_t minibatches() const;  // of the rollout, through all passes
  void begin_pass();
  double mean_return() const;

  Shard shard_;
  uint64_t seed_;
  RolloutPlayer player_;
  std::vector<std::unique_ptr<Environment>> validated_in_;
  Random order_, dropout_;
  Rollout rollout_;
  std::vector<int64_t> order_of_pass_;  // of the pieces
  std::vector<std::vector<int64_t>> groups_;
  int64_t next_ = 0;    // minibatch of the rollout
  int64_t played_ = 0;  // environment steps, with those of the rollout
};

}  // namespace recur
