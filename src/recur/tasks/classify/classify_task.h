// Classification and regression: sequence -> class or real value.
#pragma once

#include "recur/tasks/classify/classify_options.h"
#include "recur/tasks/task.h"

namespace recur {

class ClassifyTask : public TaskOf<ClassifyOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
