// Reinforcement learning: environment -> an agent that acts in it.
#pragma once

#include "recur/tasks/act/act_options.h"
#include "recur/tasks/task.h"

namespace recur {

class ActTask : public TaskOf<ActOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
