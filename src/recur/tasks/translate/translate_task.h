// Translation: a text -> another text.
#pragma once

#include "recur/tasks/task.h"
#include "recur/tasks/translate/translate_options.h"

namespace recur {

class TranslateTask : public TaskOf<TranslateOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
