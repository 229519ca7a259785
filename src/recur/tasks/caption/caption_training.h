// Training of a captioner.
#pragma once

#include <memory>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/caption/caption_trained.h"

namespace recur {

struct CaptionParts {
  DatasetPtr<CaptionExample> train;
  DataChecksum checksum;                        // of the data it is made of
  std::shared_ptr<const CaptionSet> valid_set;  // null: none
  std::vector<int64_t> valid, sample;           // images of it; those that are captioned
};

class CaptionTraining : public BatchTraining<CaptionTrained, CaptionExample> {
 public:
  CaptionTraining(CaptionTrained trained, CaptionParts parts, ShuffledBatches<CaptionExample> batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return !parts_.valid.empty(); }
  Evaluation validate() override;
  Criterion criterion() const override;
  BaselineResults baselines() const override;

 private:
  CaptionParts parts_;
};

}  // namespace recur
