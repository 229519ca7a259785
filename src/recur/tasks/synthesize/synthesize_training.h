// Training of a speaker.
#pragma once

#include <memory>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/synthesize/synthesize_data.h"

namespace recur {

struct SynthesizeParts {
  DatasetPtr<EncodedSpeech> train;
  DataChecksum checksum;             // of the training part
  std::shared_ptr<SpeechSet> valid;  // null: none
};

class SynthesizeTraining : public BatchTraining<SynthesizeTrained, EncodedSpeech> {
 public:
  SynthesizeTraining(SynthesizeTrained trained, SynthesizeParts parts, ShuffledBatches<EncodedSpeech> batches);

  TrainingStep step(bool trace_gradients) override;
  std::optional<double> default_rate() const override { return 0.001; }
  bool has_validation() const override { return parts_.valid != nullptr; }
  Evaluation validate() override;
  Criterion criterion() const override { return {.metric = trained_.options().learning.select}; }

 private:
  SynthesizeParts parts_;
};

}  // namespace recur
