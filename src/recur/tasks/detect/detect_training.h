// Training of a detector.
#pragma once

#include <memory>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/detect/detect_trained.h"

namespace recur {

struct DetectParts {
  DetectData train, valid;
};

class DetectTraining : public BatchTraining<DetectTrained, DetectExample> {
 public:
  // The batches are windows of the training part, to which they refer.
  DetectTraining(DetectTrained trained, std::shared_ptr<const DetectParts> parts,
                 ShuffledBatches<DetectExample> batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return true; }
  // Chooses the errors' scale and the threshold anew.
  Evaluation validate() override;
  Criterion criterion() const override;
  void check_validation() const override;
  BaselineResults baselines() const override { return trained_.measure_baselines(parts_->valid); }

 private:
  std::shared_ptr<const DetectParts> parts_;
  double anomaly_weight_ = 1;
};

}  // namespace recur
