// A trained forecaster: network, encoder, options.
#pragma once

#include <memory>

#include "recur/tasks/forecast/forecast_options.h"
#include "recur/tasks/forecast/forecast_score.h"
#include "recur/tasks/forecast/forecaster.h"
#include "recur/tasks/forecast/panel_encoder.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& forecast_info();

class ForecastTrained : public TrainedOf<ForecastTrained, ForecastOptions> {
 public:
  // A new network. The options must have been chosen.
  ForecastTrained(const ForecastOptions& options, PanelEncoder encoder, Random& random);
  static ForecastSizes sizes_of(const PanelEncoder& encoder);

  const TaskInfo& info() const override { return forecast_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // smape and mase.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  bool reports_predictions() const override { return true; }
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  Description describe() const override;
  Assets assets() const override { return encoder_.assets(); }

  const Forecaster& network() const { return *model_; }
  Forecaster& network() { return *model_; }
  const PanelEncoder& encoder() const { return encoder_; }

  ForecastRequest request() const;

  // Of the Theta method, in [0, 1].
  void set_blend(double weight) { options_.model.blend = weight; }

 private:
  SequenceSet read_with_history(const DataFiles& data) const;

  PanelEncoder encoder_;
  std::shared_ptr<Forecaster> model_;
};

// Reads series and fills the gaps in their times; notes about them are logged. `encoder` is that of a model, or null.
SequenceSet read_series(const DataFiles& data, const ForecastOptions& options, const PanelEncoder* encoder);

// Whether the head takes values for counts.
bool counts_values(const ForecastOptions& options);
// Throws Error naming the first value below 0 where the head counts; fractions are logged.
void check_counts(const PanelData& data, const ForecastOptions& options);

// Most steps before a window that a network of these options reads. They must have been chosen.
int64_t reach_of(const ForecastOptions& options);

// The windows to evaluate on, as the options say.
Rolling rolling_of(const ForecastOptions& options);

}  // namespace recur
