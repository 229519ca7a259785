// Training of a writer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/synthesize/handwriting/writer_trained.h"

namespace recur {

struct WriterParts {
  DatasetPtr<EncodedWriting> train;
  DataChecksum checksum;       // of the training part
  std::vector<Writing> valid;  // none: no validation
};

class WriterTraining : public BatchTraining<WriterTrained, EncodedWriting> {
 public:
  WriterTraining(WriterTrained trained, WriterParts parts, ShuffledBatches<EncodedWriting> batches);

  TrainingStep step(bool trace_gradients) override;
  std::optional<double> default_rate() const override { return 0.001; }
  bool has_validation() const override { return !parts_.valid.empty(); }
  Evaluation validate() override { return trained_.measure(parts_.valid, nullptr, /*says=*/false); }

 private:
  WriterParts parts_;
};

// Data that hold_writings() takes for strokes. Options that leave it open what the numbers are become what they look
// like.
std::unique_ptr<Training> train_writer(SynthesizeOptions& options, const TrainingData& data,
                                       const TrainingStart& start);
// As Task::restore().
std::unique_ptr<Trained> restore_writer(const SynthesizeOptions& options, const Assets& assets, int64_t elements);

}  // namespace recur
