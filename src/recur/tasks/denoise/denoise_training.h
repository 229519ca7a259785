// Training of a denoiser.
#pragma once

#include <memory>
#include <vector>

#include "recur/data/image_set.h"
#include "recur/tasks/batch_training.h"
#include "recur/tasks/denoise/denoise_trained.h"

namespace recur {

// A square of a picture as the network is given it, what it should make of it, and where that counts.
struct NoisySquare {
  Planes noisy, wanted;
  std::vector<float> weights = {};  // [C, H, W], 0 or 1, of each value in the loss; empty: all count
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
