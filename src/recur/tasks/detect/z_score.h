// The baseline of detection: how far a value is from the mean of its channel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/baseline_results.h"
#include "recur/tasks/detect/detect_score.h"

namespace recur {

// Scores are those of a network that forecasts the mean of the training part's normal steps. Their scale and the
// threshold are chosen on the validation data, as the network's are.
class ZScore {
 public:
  // level and warm_up must have been chosen.
  static ZScore fit(const DetectData& train, const DetectData& valid, const DetectOptions& options);

  // precision, recall, f1, ... as measure() of the model has them, without a loss; nothing where there are no
  // anomalies.
  BaselineResults measure(const DetectData& data, const DetectOptions& options) const;

  std::string to_text() const;
  static ZScore from_text(std::string_view json, int64_t channels);  // throws Error: it is untrusted input

 private:
  OutputReader errors() const;

  std::vector<float> mean_;  // [C]
  Calibration calibration_;
};

}  // namespace recur
