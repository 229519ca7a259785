// Training of a tagger.
#pragma once

#include <algorithm>
#include <optional>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/tag/tag_score.h"
#include "recur/tasks/tag/tag_trained.h"

namespace recur {

struct TagParts {
  TagExamples train;
  std::optional<TagExamples> valid;
};

class TagTraining : public BatchTraining<TagTrained, TaggedSentence> {
 public:
  TagTraining(TagTrained trained, TagParts parts, ShuffledBatches<TaggedSentence> batches);

  TrainingStep step(bool trace_gradients) override;
  // A word's tag is learnt from few of its uses: twenty passes at least.
  double default_epochs() const override { return std::max(20.0, BatchTraining::default_epochs()); }
  bool has_validation() const override { return parts_.valid.has_value(); }
  Evaluation validate() override;
  Criterion criterion() const override;
  void check_validation() const override;
  BaselineResults baselines() const override { return measure_usual_tags(trained_.encoder(), *parts_.valid); }

 private:
  TagParts parts_;
};

}  // namespace recur
