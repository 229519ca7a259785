// Training of a denoiser.
#pragma once

#include <memory>

#include "recur/data/image_set.h"
#include "recur/tasks/batch_training.h"
#include "recur/tasks/denoise/denoise_trained.h"

namespace recur {

// A square of a picture, and the same with noise.
struct NoisySquare {
  Planes clean, noisy;
};

struct DenoiseParts {
  DatasetPtr<NoisySquare> train;
  DataChecksum checksum;                  // of the training part
  std::shared_ptr<const ImageSet> valid;  // null: none
  std::vector<int64_t> held_out;          // pictures of it to validate on, all where it is empty
};

class DenoiseTraining : public BatchTraining<DenoiseTrained, NoisySquare> {
 public:
  DenoiseTraining(DenoiseTrained trained, DenoiseParts parts, ShuffledBatches<NoisySquare> batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return parts_.valid != nullptr; }
  Evaluation validate() override;
  Criterion criterion() const override;

 private:
  DenoiseParts parts_;
};

}  // namespace recur
