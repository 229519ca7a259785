// Denoising: pictures -> the same without their noise.
#pragma once

#include "recur/tasks/denoise/denoise_options.h"
#include "recur/tasks/task.h"

namespace recur {

class DenoiseTask : public TaskOf<DenoiseOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
