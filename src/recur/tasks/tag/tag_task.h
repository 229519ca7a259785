// Tagging: sequence of words -> a tag for each.
#pragma once

#include "recur/tasks/tag/tag_options.h"
#include "recur/tasks/task.h"

namespace recur {

class TagTask : public TaskOf<TagOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
