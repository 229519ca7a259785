// Training of a transcriber.
#pragma once

#include <memory>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/transcribe/transcribe_trained.h"

namespace recur {

// A sound as it is read once, with its text.
struct EncodedSound {
  FrameRows rows;
  std::vector<int32_t> symbols;
};

struct TranscribeParts {
  DatasetPtr<EncodedSound> train;
  DataChecksum checksum;            // of the training part
  std::shared_ptr<SoundSet> valid;  // null: none
};

class TranscribeTraining : public BatchTraining<TranscribeTrained, EncodedSound> {
 public:
  TranscribeTraining(TranscribeTrained trained, TranscribeParts parts, ShuffledBatches<EncodedSound> batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return parts_.valid != nullptr; }
  Evaluation validate() override;
  Criterion criterion() const override;

 private:
  void check_validation() const;

  TranscribeParts parts_;
};

}  // namespace recur
