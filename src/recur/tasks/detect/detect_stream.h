// Scores of steps as they arrive.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/nn/stream.h"
#include "recur/tasks/detect/detect_score.h"
#include "recur/tasks/sample_lines.h"
#include "recur/tasks/series_encoder.h"
#include "recur/tasks/session.h"

namespace recur {

// A trained detector, all of which must outlive the stream.
struct Detector {
  const DetectModel& model;
  const SeriesEncoder& encoder;
  const Calibration& calibration;
  const DetectOptions& options;
};

// The outputs of the network for one series, step by step: DetectOutputs of a step.
class StepOutputs {
 public:
  virtual ~StepOutputs() = default;
  // input [F], target [C] with NaN where missing -> errors [C], or the logit.
  virtual std::span<const float> next(std::span<const float> input, std::span<const float> target) = 0;
};

// A forecast and classification step the network, and give what whole sequences give. A reconstruction is made of the
// window that ends with the step, which counts as its last: what comes after is not known yet.
std::unique_ptr<StepOutputs> make_step_outputs(const Detector& detector);

// A row for each sample: its series where there are several, its number in it from 1, its score, and whether that makes
// it an anomaly (1 or 0).
class DetectStream : public Session {
 public:
  explicit DetectStream(const Detector& detector);  // throws UsageError for a network that needs the whole sequence

  void take(const Chunk& chunk, Sink& out) override;

 private:
  struct Series {
    int64_t steps = 0;
    std::unique_ptr<StepOutputs> outputs;
  };

  Detector detector_;
  SampleLines lines_;
  double threshold_;
  bool begun_ = false;  // the columns' names are out
  std::map<std::string, Series, std::less<>> series_;
};

}  // namespace recur
