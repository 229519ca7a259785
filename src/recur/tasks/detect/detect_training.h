// Training of a detector.
#pragma once

#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/detect/detect_trained.h"

namespace recur {

struct DetectParts {
  DetectData train, valid;
  std::vector<Window> windows;  // of the training part, to learn from
};

class DetectTraining : public BatchTraining<DetectTrained> {
 public:
  DetectTraining(DetectTrained trained, DetectParts parts, ShuffledBatches batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return true; }
  // Chooses the errors' scale and the threshold anew.
  Evaluation validate() override;
  Criterion criterion() const override;

 private:
  DetectParts parts_;
  double anomaly_weight_ = 1;
};

}  // namespace recur
