// A trained denoiser of pictures: network and options.
#pragma once

#include <memory>

#include "recur/tasks/denoise/denoise_model.h"
#include "recur/tasks/denoise/denoise_score.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& denoise_info();

class DenoiseTrained : public TrainedOf<DenoiseTrained, DenoiseOptions> {
 public:
  // A new network. The channels of the options must have been chosen: not "auto".
  DenoiseTrained(const DenoiseOptions& options, Random& random);

  const TaskInfo& info() const override { return denoise_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // psnr and ssim, where clean pictures are known.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override { return {}; }

  const DenoiseModel& network() const { return model_; }
  DenoiseModel& network() { return model_; }
  Denoiser denoiser() const;

 private:
  DenoiseModel model_;
};

// Throws UsageError where an option of evaluation alone is set.
void check_predicts(const DenoiseUseOptions& use);
// Throws UsageError where the options say of DATA that they are both noisy and clean.
void check_evaluates(const DenoiseUseOptions& use);
// How pictures are read by the options, whose channels have been chosen.
PlaneReading reading_of(const DenoiseDataOptions& options);
DenoiseSizes sizes_of(const DenoiseOptions& options);
NoiseMaker noise_of(const DenoiseNoiseOptions& options);
// Of a set, which must outlive it.
PlaneSource source_of(const ImageSet& set, const PlaneReading& reading);

}  // namespace recur
