// Training of a network of diagnosis.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/diagnose/diagnose_trained.h"

namespace recur {

struct DiagnoseParts {
  DiagnoseExamples train;
  std::optional<DiagnoseExamples> valid;
  Mitigation mitigation = {};  // of those of `train`
};

class DiagnoseTraining : public BatchTraining<DiagnoseTrained, EncodedRecord> {
 public:
  // The batches are of the records that the mitigation draws.
  DiagnoseTraining(DiagnoseTrained trained, DiagnoseParts parts, ShuffledBatches<EncodedRecord> batches)
      : BatchTraining(std::move(trained), std::move(batches)),
        parts_(std::move(parts)),
        draws_(parts_.mitigation.draws()) {
    keep_checksum(parts_.train.checksum);
  }

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return parts_.valid.has_value(); }
  // Also finds the threshold of each label, which belongs to the model.
  Evaluation validate() override;
  Criterion criterion() const override { return trained_.criterion(); }
  BaselineResults baselines() const override { return trained_.measure_baselines(*parts_.valid); }
  void save_state(StateWriter& state) const override;
  void load_state(const StateReader& state) override;

 private:
  DiagnoseParts parts_;
  std::vector<int64_t> draws_;  // the record that each of a pass is; empty: the same
};

}  // namespace recur
