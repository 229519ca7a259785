// A trained denoiser of series: network, scales of the channels and options.
#pragma once

#include <memory>

#include "recur/tasks/denoise/denoiser.h"
#include "recur/tasks/denoise/moving_filters.h"
#include "recur/tasks/denoise/series_model.h"
#include "recur/tasks/denoise/series_scale.h"
#include "recur/tasks/trained.h"

namespace recur {

class SeriesDenoiseTrained : public TrainedOf<SeriesDenoiseTrained, DenoiseOptions> {
 public:
  // A new network. `widths`: of the filters beside which it is measured.
  SeriesDenoiseTrained(const DenoiseOptions& options, SeriesScale scale, const FilterWidths& widths, Random& random);

  const TaskInfo& info() const override;
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // snr and rmse, where clean series are known.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override;

  const SeriesModel& network() const { return model_; }
  SeriesModel& network() { return model_; }
  const SeriesScale& scale() const { return scale_; }
  Denoiser denoiser() const;

 private:
  std::shared_ptr<const SequenceSet> read(const DataFiles& data) const;

  SeriesScale scale_;
  FilterWidths widths_;
  SeriesModel model_;
};

// What a model of series is measured on: series with noise of the options, or with blind spots where they are noisy.
PieceSource pieces_of(const PlaneSource& given, const SeriesScale& scale, const DenoiseOptions& options);

FilterWidths widths_from(const Assets& assets);

}  // namespace recur
