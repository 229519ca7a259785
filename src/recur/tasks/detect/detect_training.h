// Training of a detector.
#pragma once

#include "recur/tasks/batch_training.h"
#include "recur/tasks/detect/detect_trained.h"

namespace recur {

struct DetectParts {
  DetectData train, valid;
};

class DetectTraining : public BatchTraining<DetectTrained, Window> {
 public:
  // The batches are windows of the training part.
  DetectTraining(DetectTrained trained, DetectParts parts, ShuffledBatches<Window> batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return true; }
  // Chooses the errors' scale and the threshold anew.
  Evaluation validate() override;
  Criterion criterion() const override;
  void check_validation() const override;
  BaselineResults baselines() const override { return trained_.measure_baselines(parts_.valid); }

 private:
  DetectParts parts_;
  double anomaly_weight_ = 1;
};

}  // namespace recur
