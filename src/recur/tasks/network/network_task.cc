#include "recur/tasks/network/network_task.h"

#include "recur/base/error.h"
#include "recur/tasks/network/network_trained.h"

namespace recur {

const TaskInfo& NetworkTask::info() const { return network_info(); }

std::unique_ptr<Training> NetworkTask::train(const TrainingData&, const TrainingStart&) {
  fail_usage(
      "network: a model of this task is imported, with recur import FILE --out MODEL; it cannot be trained. To train, "
      "choose a task by what is to be predicted: classify, forecast, detect, diagnose, lm, tag, ...");
}

std::unique_ptr<Trained> NetworkTask::restore(const Assets&, int64_t elements) const {
  check_stack(options.model, elements);
  return std::make_unique<NetworkTrained>(options);
}

}  // namespace recur
