// Synthesis of speech, a text becomes sound, or of handwriting, it becomes strokes of a pen: as the data are.
#pragma once

#include "recur/tasks/synthesize/synthesize_options.h"
#include "recur/tasks/task.h"

namespace recur {

class SynthesizeTask : public TaskOf<SynthesizeOptions> {
 public:
  const TaskInfo& info() const override;
  void declare_use(Config& config) override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
