// Training of a classifier.
#pragma once

#include <optional>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/classify/classify_trained.h"

namespace recur {

// The examples to learn from and those to validate on.
struct ClassifyParts {
  ClassifyExamples train;
  std::optional<ClassifyExamples> valid;
};

class ClassifyTraining : public BatchTraining<ClassifyTrained, EncodedSequence> {
 public:
  ClassifyTraining(ClassifyTrained trained, ClassifyParts parts, ShuffledBatches<EncodedSequence> batches);

  TrainingStep step(bool trace_gradients) override;
  // Of long texts fewer: what the network adds to the linear path it learns in the first passes.
  double default_epochs() const override;
  bool has_validation() const override { return parts_.valid.has_value(); }
  // Also chooses how much network and linear path count, which belongs to the model.
  Evaluation validate() override;
  Criterion criterion() const override;
  void check_validation() const override;
  BaselineResults baselines() const override;

 private:
  Tensor loss(const Tensor& out, std::span<const int32_t> which) const;

  ClassifyParts parts_;
  std::vector<float> weights_;  // of each example in the loss, mean 1; empty: all 1
};

}  // namespace recur
