// Diagnosis: a record of measurements at any times -> the probability of each of several labels, at every step.
#pragma once

#include "recur/tasks/diagnose/diagnose_options.h"
#include "recur/tasks/task.h"

namespace recur {

class DiagnoseTask : public TaskOf<DiagnoseOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
