// Anomaly detection: a score for each step of a series, or for each series.
#pragma once

#include "recur/tasks/detect/detect_options.h"
#include "recur/tasks/task.h"

namespace recur {

class DetectTask : public TaskOf<DetectOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
