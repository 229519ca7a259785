#include "recur/tasks/detect/detect_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

std::vector<float> errors_of(std::span<const float> forecast, std::span<const float> target) {
  std::vector<float> errors;
  for (size_t c = 0; c < target.size(); ++c) errors.push_back(forecast[c] - target[c]);
  return errors;
}

// The network one step at a time. A forecast is made of the steps before: the first of none, which is a step of zeros.
class Stepped : public StepOutputs {
 public:
  explicit Stepped(const Detector& detector)
      : head_(detector.model.head()),
        forecasts_(detector.options.model.method == "forecast"),
        stream_(detector.model.rnn().stream()),
        h_(static_cast<size_t>(stream_.output_features())),
        y_(static_cast<size_t>(head_.weight->size(0))) {
    if (forecasts_) step(std::vector<float>(static_cast<size_t>(stream_.input_features())));
  }

  std::span<const float> next(std::span<const float> input, std::span<const float> target) override {
    if (forecasts_) errors_ = errors_of(y_, target);
    step(input);
    return forecasts_ ? errors_ : y_;
  }

 private:
  void step(std::span<const float> input) {
    stream_.step(input, h_);
    const float* weight = head_.weight->data<float>();
    const float* bias = head_.bias->data<float>();
    for (float& y : y_) {
      y = std::inner_product(h_.begin(), h_.end(), weight, *bias++);
      weight += h_.size();
    }
  }

  const Linear head_;
  bool forecasts_;
  Stream stream_;
  std::vector<float> h_, y_, errors_;
};

class LastOfWindow : public StepOutputs {
 public:
  explicit LastOfWindow(const Detector& detector)
      : model_(detector.model), most_(*detector.options.data.window), features_(detector.encoder.features()) {}

  std::span<const float> next(std::span<const float> input, std::span<const float> target) override {
    inputs_.insert(inputs_.end(), input.begin(), input.end());
    if (std::ssize(inputs_) > most_ * features_) inputs_.erase(inputs_.begin(), inputs_.begin() + features_);
    const autograd::NoGrad no_grad;
    const int64_t steps = std::ssize(inputs_) / features_;
    const std::vector<float> window(inputs_.begin(), inputs_.end());
    const Tensor y =
        model_({.x = Tensor::from(window, {steps, 1, features_}), .lengths = {steps}}, {.mode = Mode::evaluation()}).y;
    errors_ = errors_of(y.values<float>().last(target.size()), target);
    return errors_;
  }

 private:
  const DetectModel& model_;
  const int64_t most_, features_;
  std::deque<float> inputs_;  // of the last steps, as many as the window has
  std::vector<float> errors_;
};

}  // namespace

std::unique_ptr<StepOutputs> make_step_outputs(const Detector& detector) {
  if (detector.options.model.method == "reconstruct") return std::make_unique<LastOfWindow>(detector);
  return std::make_unique<Stepped>(detector);
}

DetectStream::DetectStream(const Detector& detector)
    : detector_(detector),
      lines_({.channels = detector.encoder.channels(),
              .columns = detector.encoder.columns(),
              .missing = detector.options.data.series.missing,
              .decimal = detector.options.data.series.decimal,
              .thousands = detector.options.data.series.thousands}),
      threshold_(detector.options.use.threshold.value_or(*detector.calibration.threshold)) {
  if (!detector.encoder.statics().empty()) {
    fail_usage("a model with static columns ({}) cannot predict a stream", listed(detector.encoder.statics()));
  }
  if (detector.options.model.method == "classify" && !detector.model.is_causal()) {
    fail_usage("a bidirectional model needs whole sequences and cannot predict a stream");
  }
}

void DetectStream::take(const Chunk& chunk, Sink& out) {
  const auto sample = lines_.read(chunk.line);
  if (!sample) return;
  if (!begun_) {
    out.columns(lines_.has_ids() ? std::vector<std::string>{"id", "step", "score", "anomaly"}
                                 : std::vector<std::string>{"step", "score", "anomaly"});
    begun_ = true;
  }
  Series& series = series_[sample->id];
  if (series.outputs == nullptr) series.outputs = make_step_outputs(detector_);
  std::vector<float> input(static_cast<size_t>(detector_.encoder.features())), target(sample->values);
  detector_.encoder.encode_step(sample->values, input);
  for (size_t c = 0; c < target.size(); ++c) {
    if (!std::isnan(target[c])) target[c] = input[c];
  }
  const std::span<const float> outputs = series.outputs->next(input, target);
  const bool warm = series.steps >= *detector_.options.threshold.warm_up;
  const double score = warm ? step_score(outputs, detector_.options, detector_.calibration) : 0;
  std::vector<TableCell> cells;
  if (lines_.has_ids()) cells.emplace_back(sample->id);
  cells.insert(cells.end(), {++series.steps, score, int64_t{score > threshold_}});
  out.row(cells);
}

}  // namespace recur
