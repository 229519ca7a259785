// Training of a network of diagnosis.
#pragma once

#include <optional>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/diagnose/diagnose_trained.h"

namespace recur {

struct DiagnoseParts {
  DiagnoseExamples train;
  std::optional<DiagnoseExamples> valid;
};

class DiagnoseTraining : public BatchTraining<DiagnoseTrained, EncodedRecord> {
 public:
  DiagnoseTraining(DiagnoseTrained trained, DiagnoseParts parts, ShuffledBatches<EncodedRecord> batches)
      : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
    keep_checksum(parts_.train.checksum);
  }

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return parts_.valid.has_value(); }
  // Also finds the threshold of each label, which belongs to the model.
  Evaluation validate() override;
  Criterion criterion() const override { return trained_.criterion(); }
  BaselineResults baselines() const override { return trained_.measure_baselines(*parts_.valid); }

 private:
  DiagnoseParts parts_;
};

}  // namespace recur
