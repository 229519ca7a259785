#include "recur/tasks/detect/detect_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/log.h"
#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

std::vector<float> errors_of(std::span<const float> forecast, std::span<const float> target) {
  std::vector<float> errors;
  for (size_t c = 0; c < target.size(); ++c) errors.push_back(forecast[c] - target[c]);
  return errors;
}

bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

[[noreturn]] void fail_not_finite() {
  throw NotFiniteError("the output of the network is not finite: its weights are too large, or the sample is");
}

// The network one step at a time. A forecast is made of the steps before: the first of none, which is a step of zeros.
class Stepped : public StepOutputs {
 public:
  explicit Stepped(const Detector& detector)
      : forecasts_(detector.options.model.method == "forecast"),
        stream_(detector.model.rnn().stream()),
        shared_(std::make_shared<Shared>(detector.model.head())),
        y_(static_cast<size_t>(shared_->head.weight->size(0))) {
    shared_->h.resize(static_cast<size_t>(stream_.output_features()));
    shared_->zeros.resize(static_cast<size_t>(stream_.input_features()));
    if (forecasts_) step(shared_->zeros);
  }

  std::unique_ptr<StepOutputs> clone() const override { return std::make_unique<Stepped>(*this); }

  std::span<const float> next(std::span<const float> input, std::span<const float> target) override {
    if (forecasts_) shared_->errors = errors_of(y_, target);
    step(input);
    began_anew_ = !is_finite(y_);
    if (began_anew_) begin_anew(input);
    return forecasts_ ? std::span<const float>(shared_->errors) : y_;
  }
  bool began_anew() const override { return began_anew_; }

 private:
  // What no series needs for itself.
  struct Shared {
    explicit Shared(const Linear& output) : head(output) {}
    const Linear head;
    std::vector<float> zeros, h, errors;
  };

  void begin_anew(std::span<const float> input) {
    stream_.reset();
    step(forecasts_ ? shared_->zeros : input);
    if (is_finite(y_)) return;
    stream_.reset();
    fail_not_finite();
  }

  void step(std::span<const float> input) {
    std::vector<float>& h = shared_->h;
    stream_.step(input, h);
    const float* weight = shared_->head.weight->data<float>();
    const float* bias = shared_->head.bias->data<float>();
    for (float& y : y_) {
      y = std::inner_product(h.begin(), h.end(), weight, *bias++);
      weight += h.size();
    }
  }

  bool forecasts_, began_anew_ = false;
  Stream stream_;
  std::shared_ptr<Shared> shared_;
  std::vector<float> y_;
};

class LastOfWindow : public StepOutputs {
 public:
  explicit LastOfWindow(const Detector& detector)
      : model_(detector.model), most_(*detector.options.data.window), features_(detector.encoder.features()) {}

  std::unique_ptr<StepOutputs> clone() const override { return std::make_unique<LastOfWindow>(*this); }

  std::span<const float> next(std::span<const float> input, std::span<const float> target) override {
    inputs_.insert(inputs_.end(), input.begin(), input.end());
    if (std::ssize(inputs_) > most_ * features_) inputs_.erase(inputs_.begin(), inputs_.begin() + features_);
    std::vector<float> y = last_output(target.size());
    began_anew_ = !is_finite(y);
    if (began_anew_) {
      inputs_.erase(inputs_.begin(), inputs_.end() - features_);
      y = last_output(target.size());
      if (!is_finite(y)) {
        inputs_.clear();
        fail_not_finite();
      }
    }
    errors_ = errors_of(y, target);
    return errors_;
  }
  bool began_anew() const override { return began_anew_; }

 private:
  std::vector<float> last_output(size_t channels) const {
    const autograd::NoGrad no_grad;
    const int64_t steps = std::ssize(inputs_) / features_;
    const std::vector<float> window(inputs_.begin(), inputs_.end());
    const Tensor y =
        model_({.x = Tensor::from(window, {steps, 1, features_}), .lengths = {steps}}, {.mode = Mode::evaluation()}).y;
    const auto last = y.values<float>().last(channels);
    return {last.begin(), last.end()};
  }

  const DetectModel& model_;
  const int64_t most_, features_;
  std::vector<float> inputs_;  // of the last steps, as many as the window has
  bool began_anew_ = false;
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
  first_ = make_step_outputs(detector_);
}

void DetectStream::forget_longest_idle() {
  log_warning("{}: more than {} ids (max_ids): {}, idle for longest, is forgotten", lines_.place(),
              detector_.options.use.max_ids, quoted_cell(order_.front()));
  series_.erase(order_.front());
  order_.pop_front();
}

// The longest idle is always the first of order_, as a series that gets a sample becomes the last.
DetectStream::Series& DetectStream::series_of(const std::string& id) {
  if (const auto found = series_.find(id); found != series_.end()) {
    order_.splice(order_.end(), order_, found->second.place);
    return found->second;
  }
  if (std::ssize(series_) >= detector_.options.use.max_ids) forget_longest_idle();
  const auto place = order_.insert(order_.end(), id);
  return series_.emplace(*place, Series{.outputs = first_->clone(), .place = place}).first->second;
}

std::span<const float> DetectStream::outputs_of(Series& series, std::span<const float> input,
                                                std::span<const float> target) const {
  try {
    const std::span<const float> outputs = series.outputs->next(input, target);
    if (series.outputs->began_anew()) {
      log_warning("{}: step {}: the state of the network is not finite and was reset", lines_.place(),
                  series.steps + 1);
    }
    return outputs;
  } catch (const NotFiniteError& error) {
    throw NotFiniteError(fmt::format("{}: step {}: {}", lines_.place(), series.steps + 1, error.what()));
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
  Series& series = series_of(sample->id);
  std::vector<float> input(static_cast<size_t>(detector_.encoder.features())), target(sample->values);
  detector_.encoder.encode_step(sample->values, input);
  if (keep_in_range(input)) log_warning("{}: {}", lines_.place(), kFarValue);
  for (size_t c = 0; c < target.size(); ++c) {
    if (!std::isnan(target[c])) target[c] = input[c];
  }
  const std::span<const float> outputs = outputs_of(series, input, target);
  const bool warm = series.steps >= *detector_.options.threshold.warm_up;
  const double score = warm ? step_score(outputs, detector_.options, detector_.calibration) : 0;
  std::vector<TableCell> cells;
  if (lines_.has_ids()) cells.emplace_back(sample->id);
  cells.insert(cells.end(), {++series.steps, score, int64_t{score > threshold_}});
  out.row(cells);
}

}  // namespace recur
