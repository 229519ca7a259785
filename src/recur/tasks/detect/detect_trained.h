// A trained detector: network, encoder, calibration, options.
#pragma once

#include "recur/tasks/detect/detect_score.h"
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
  std::unique_ptr<Session> session() const override;
  Description describe() const override;
  Assets assets() const override;

  const DetectModel& network() const { return model_; }
  DetectModel& network() { return model_; }
  const SeriesEncoder& encoder() const { return encoder_; }

  const Calibration& calibration() const { return calibration_; }
  void set_calibration(Calibration calibration) { calibration_ = std::move(calibration); }
  // Throws Error for a model that no validation has given a threshold.
  double threshold() const;

 private:
  SequenceSet read(const DataFiles& data, bool need_labels) const;

  SeriesEncoder encoder_;
  Calibration calibration_;
  DetectModel model_;
};

}  // namespace recur
