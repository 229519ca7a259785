// Captions: a picture -> a sentence.
#pragma once

#include "recur/tasks/caption/caption_options.h"
#include "recur/tasks/task.h"

namespace recur {

class CaptionTask : public TaskOf<CaptionOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
