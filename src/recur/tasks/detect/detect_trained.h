// A trained detector: network, encoder, calibration, options.
#pragma once

#include <optional>

#include "recur/tasks/detect/detect_score.h"
#include "recur/tasks/detect/z_score.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& detect_info();

class DetectTrained : public TrainedOf<DetectTrained, DetectOptions> {
 public:
  // A new network. window, warm_up and level must have been chosen.
  DetectTrained(const DetectOptions& options, SeriesEncoder encoder, Calibration calibration, Random& random);
  static DetectSizes sizes_of(const DetectOptions& options, const SeriesEncoder& encoder);

  const TaskInfo& info() const override { return detect_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  ModelDecisions decisions(const DataFiles& data, const DecisionRequest& request) const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  std::unique_ptr<Session> session() const override;
  Description describe() const override;
  Assets assets() const override;

  const DetectModel& network() const { return model_; }
  DetectModel& network() { return model_; }
  const SeriesEncoder& encoder() const { return encoder_; }

  const Calibration& calibration() const { return calibration_; }
  void set_calibration(Calibration calibration) { calibration_ = std::move(calibration); }
  bool has_baseline() const { return baseline_.has_value(); }
  void set_baseline(ZScore baseline) { baseline_ = std::move(baseline); }
  // Nothing of a model file of before, and of data without anomalies.
  BaselineResults measure_baselines(const DetectData& data) const;
  // Throws Error for a model that no validation has given a threshold.
  double threshold() const;

 private:
  SequenceSet read(const DataFiles& data, bool need_labels) const;

  SeriesEncoder encoder_;
  Calibration calibration_;
  std::optional<ZScore> baseline_;
  DetectModel model_;
};

}  // namespace recur
