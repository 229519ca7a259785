// Training of a classifier.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/classify/classify_trained.h"

namespace recur {

// The examples to learn from and those to validate on.
struct ClassifyParts {
  ClassifyExamples train;
  std::optional<ClassifyExamples> valid;
  // Or: of each network of an ensemble, those of `train` that it does not learn from and is validated on. So all learn
  // from nearly all examples, and yet many are there to validate on.
  std::vector<std::vector<int64_t>> folds = {};
  std::vector<float> weights = {};  // of each example of `train` in the loss, mean 1; empty: all 1
  Mitigation mitigation = {};       // of those of `train`
};

class ClassifyTraining : public BatchTraining<ClassifyTrained, EncodedSequence> {
 public:
  // The batches are of the examples that the mitigation draws. `default_epochs`: those of the task where there are
  // none.
  ClassifyTraining(ClassifyTrained trained, ClassifyParts parts, ShuffledBatches<EncodedSequence> batches,
                   std::optional<double> default_epochs = {});

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return parts_.valid.has_value() || !parts_.folds.empty(); }
  double default_epochs() const override {
    return default_epochs_ ? *default_epochs_ : BatchTraining::default_epochs();
  }
  // Also chooses how much network and linear path count, which belongs to the model.
  Evaluation validate() override;
  Criterion criterion() const override;
  void check_validation() const override;
  BaselineResults baselines() const override;
  void save_state(StateWriter& state) const override;
  void load_state(const StateReader& state) override;

 private:
  struct Mixed {
    SequenceBatch batch;
    std::vector<int32_t> with;  // the example that each is mixed with; empty: none is
    double share = 1;           // of each itself
  };
  Mixed make_training_batch(const ShuffledBatches<EncodedSequence>::Batch& batch, std::span<const int32_t> which);
  Tensor loss(const Tensor& out, std::span<const int32_t> which) const;
  bool learns_from(size_t member, int32_t example) const {
    return held_out_.empty() || !held_out_[member][static_cast<size_t>(example)];
  }
  std::vector<float> weights(std::span<const int32_t> which, size_t member) const;
  Tensor penalty(const Tensor& out, std::span<const int32_t> which) const;
  Evaluation validate_folds();
  int64_t validated() const;  // examples of a validation

  ClassifyParts parts_;
  std::optional<double> default_epochs_;
  double chance_ = 0;                        // Criterion::chance
  std::vector<std::vector<bool>> held_out_;  // by network, then example
  std::vector<int64_t> draws_;               // the example that each of a pass is; empty: the same
};

}  // namespace recur
