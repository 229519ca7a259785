// Recognition: clips of pictures, skeletons or sensor frames -> actions or gestures.
#pragma once

#include "recur/tasks/recognize/recognize_options.h"
#include "recur/tasks/task.h"

namespace recur {

class RecognizeTask : public TaskOf<RecognizeOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
