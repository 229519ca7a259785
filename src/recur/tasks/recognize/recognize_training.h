// Training of recognition.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/recognize/recognize_trained.h"

namespace recur {

struct RecognizeParts {
  RecognizeData train;
  std::optional<RecognizeData> valid;
  std::vector<int64_t> clip_of;       // of each example that training draws
  std::vector<float> weights = {};    // of each class in the loss, mean 1 over the examples; empty: all 1
  std::optional<double> epochs = {};  // by default
};

class RecognizeTraining : public BatchTraining<RecognizeTrained, ClipExample> {
 public:
  RecognizeTraining(RecognizeTrained trained, RecognizeParts parts, ShuffledBatches<ClipExample> batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return parts_.valid.has_value(); }
  double default_epochs() const override { return parts_.epochs.value_or(BatchTraining::default_epochs()); }
  // Of frames also chooses smoothing and the shortest event, which belong to the model.
  Evaluation validate() override;
  Criterion criterion() const override;
  void check_validation() const override;
  BaselineResults baselines() const override;

 private:
  struct Answers {
    Tensor scores;                // [n, C] that have labels
    std::vector<int32_t> labels;  // [n]
  };
  Answers labelled(const Tensor& out, const ShuffledBatches<ClipExample>::Batch& batch) const;
  // The sum over the examples, and without weights its value.
  struct Loss {
    Tensor sum;
    double plain = 0;
  };
  Loss loss(const Tensor& scores, std::span<const int32_t> labels) const;
  TrainingStep step_of_frames(const ShuffledBatches<ClipExample>::Batch& batch, bool trace);
  TrainingStep step_of_clips(const ShuffledBatches<ClipExample>::Batch& batch, bool trace);

  RecognizeParts parts_;
};

}  // namespace recur
