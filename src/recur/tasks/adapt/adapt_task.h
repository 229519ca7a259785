// Meta-learning: many classes or series -> a network that adapts to new ones from a few examples.
#pragma once

#include "recur/tasks/adapt/adapt_options.h"
#include "recur/tasks/task.h"

namespace recur {

class AdaptTask : public TaskOf<AdaptOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
