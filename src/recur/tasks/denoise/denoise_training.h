// Training of a denoiser.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/denoise/denoise_options.h"
#include "recur/tasks/denoise/denoiser.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/task.h"

namespace recur {

struct DenoiseParts {
  DatasetPtr<NoisyPiece> train;                         // of one size
  DataChecksum checksum;                                // of the training part
  std::function<Evaluation(const Denoiser&)> validate;  // null: there are no validation data
};

// The loss of a batch at the values that have weights.
TrainingStep denoise_step(const DenoiseNetwork& network, const ShuffledBatches<NoisyPiece>::Batch& batch, Mode mode,
                          bool absolute, GradientTrace* trace);

// T: a Trained with network(), denoiser() and options().
template <class T>
class DenoiseTraining : public BatchTraining<T, NoisyPiece> {
 public:
  DenoiseTraining(const T& trained, DenoiseParts parts, const TrainingStart& start)
      : BatchTraining<T, NoisyPiece>(
            trained, ShuffledBatches<NoisyPiece>(parts.train, {.batch = trained.options().data.batch}, start)),
        validate_(std::move(parts.validate)) {
    this->keep_checksum(parts.checksum);
  }

  TrainingStep step(bool trace_gradients) override {
    const auto batch = this->batches_.next();
    const bool absolute = this->trained_.options().learning.objective == "mae";
    return denoise_step(this->trained_.network(), batch, this->mode(), absolute, this->new_trace(trace_gradients));
  }
  bool has_validation() const override { return validate_ != nullptr; }
  Evaluation validate() override { return validate_(this->trained_.denoiser()); }
  Criterion criterion() const override {
    const std::string metric = select_of(this->trained_.options());
    return {.metric = metric, .higher_is_better = metric != "loss"};
  }

 private:
  std::function<Evaluation(const Denoiser&)> validate_;
};

// Of pictures and of series. What the options leave open is chosen.
std::unique_ptr<Training> train_on_pictures(DenoiseOptions& options, const TrainingData& data,
                                            const TrainingStart& start);
std::unique_ptr<Training> train_on_series(DenoiseOptions& options, const TrainingData& data,
                                          const TrainingStart& start);

}  // namespace recur
