// Transcription: a sound -> what is said in it.
#pragma once

#include "recur/tasks/task.h"
#include "recur/tasks/transcribe/transcribe_options.h"

namespace recur {

class TranscribeTask : public TaskOf<TranscribeOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
