// Networks that other tools have trained: recur import makes models of this task.
#pragma once

#include "recur/tasks/network/network_options.h"
#include "recur/tasks/task.h"

namespace recur {

class NetworkTask : public TaskOf<NetworkOptions> {
 public:
  const TaskInfo& info() const override;
  // Throws UsageError: these networks are imported.
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
