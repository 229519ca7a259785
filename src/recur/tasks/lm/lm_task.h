// Language modelling: text -> next symbol, and generated text.
#pragma once

#include "recur/tasks/lm/lm_options.h"
#include "recur/tasks/task.h"

namespace recur {

class LmTask : public TaskOf<LmOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
