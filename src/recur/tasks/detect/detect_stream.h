// Scores of steps as they arrive.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
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
  // Another one with the same state. It shares the packed weights and the room to work in, so that it takes little more
  // than its state; one thread may use them.
  virtual std::unique_ptr<StepOutputs> clone() const = 0;
  // input [F], target [C] with NaN where missing -> errors [C], or the logit, until the next step of any that share.
  // Where the state is not finite any more, it begins anew; throws NotFiniteError when the outputs are not finite even
  // then.
  virtual std::span<const float> next(std::span<const float> input, std::span<const float> target) = 0;
  // Whether the last step began anew.
  virtual bool began_anew() const = 0;
};

// A forecast and classification step the network, and give what whole sequences give. A reconstruction is made of the
// window that ends with the step, which counts as its last: what comes after is not known yet.
std::unique_ptr<StepOutputs> make_step_outputs(const Detector& detector);

// A row for each sample: its series where there are several, its number in it from 1, its score, and whether that makes
// it an anomaly (1 or 0). Of more series than options.use.max_ids the one that has been idle longest is forgotten, and
// begins anew when it comes back.
class DetectStream : public Session {
 public:
  explicit DetectStream(const Detector& detector);  // throws UsageError for a network that needs the whole sequence

  void take(const Chunk& chunk, Sink& out) override;

 private:
  using Ids = std::list<std::string>;
  struct Series {
    int64_t steps = 0;
    std::unique_ptr<StepOutputs> outputs;
    Ids::iterator place = {};  // in order_
  };

  Series& series_of(const std::string& id);
  void forget_longest_idle();
  std::span<const float> outputs_of(Series& series, std::span<const float> input, std::span<const float> target) const;

  Detector detector_;
  SampleLines lines_;
  double threshold_;
  bool begun_ = false;                  // the columns' names are out
  std::unique_ptr<StepOutputs> first_;  // of a new series
  std::unordered_map<std::string_view, Series> series_;
  Ids order_;  // the ids of series_, the longest idle first
};

}  // namespace recur
