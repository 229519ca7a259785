#include "recur/tasks/detect/detect_training.h"

#include <numeric>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

DataChecksum checksum_of(const DetectData& data) {
  DataChecksum checksum;
  for (const DetectSequence& sequence : data.sequences) {
    checksum.add(sequence.input);
    checksum.add(sequence.target);
    std::vector<uint8_t> truth;
    for (const Truth of_step : sequence.truth) truth.push_back(static_cast<uint8_t>(of_step));
    checksum.add(truth);
  }
  return checksum;
}

}  // namespace

DetectTraining::DetectTraining(DetectTrained trained, DetectParts parts, ShuffledBatches<Window> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(checksum_of(parts_.train));
  if (!trained_.options().model.balanced) return;
  const auto normal = static_cast<double>(parts_.train.count(Truth::kNormal));
  anomaly_weight_ = normal / static_cast<double>(parts_.train.count(Truth::kAnomalous));
}

TrainingStep DetectTraining::step(bool trace_gradients) {
  const auto batch = batches_.next();
  std::vector<Window> windows;
  for (const Loaded<Window>& window : batch.examples) windows.push_back(*window);
  const DetectOptions& options = trained_.options();
  const bool classify = classifies(options);
  const WindowBatch inputs = make_windows(parts_.train, windows, options.model.method == "forecast");
  const Tensor y = trained_.network()(inputs, {.mode = mode(), .trace = new_trace(trace_gradients)}).y;
  const WindowTargets targets = make_targets(parts_.train, windows, classify, anomaly_weight_);
  const Tensor values = cast(targets.values, y.dtype()), weights = cast(targets.weights, y.dtype());
  const Tensor losses =
      classify ? binary_cross_entropy_with_logits(y, values, Reduction::kNone) : mse(y, values, Reduction::kNone);
  const double weight = sum(weights).item();
  const Tensor objective = sum(losses * weights) / (weight > 0 ? weight : 1);
  const int64_t steps = std::accumulate(inputs.lengths.begin(), inputs.lengths.end(), int64_t{0});
  return {.objective = objective,
          .weight = batch.counted > 0 ? weight : 0,
          .loss = objective.item(),
          .examples = batch.counted > 0 ? steps : 0,
          .ends_epoch = batch.ends_pass};
}

Criterion DetectTraining::criterion() const {
  const bool both = parts_.valid.count(Truth::kAnomalous) > 0 && parts_.valid.count(Truth::kNormal) > 0;
  if (classifies(trained_.options()) && both) return {.metric = "auprc", .higher_is_better = true};
  return {};
}

// As validate(), with outputs that need no network: what cannot be chosen or measured of these cannot be of others.
void DetectTraining::check_validation() const {
  const DetectOptions& options = trained_.options();
  const int64_t width = classifies(options) ? 1 : parts_.valid.channels;
  DetectOutputs outputs;
  for (const DetectSequence& sequence : parts_.valid.sequences) {
    outputs.of_sequences.emplace_back(static_cast<size_t>(sequence.steps * width));
  }
  const Calibration calibration = calibrate(outputs, parts_.valid, options);
  const Evaluation possible =
      measure(score(outputs, parts_.valid, options, calibration), 0, calibration.threshold.value_or(0));
  if (possible.find(criterion().metric)) return;
  fail("valid: expected normal and anomalous {} behind the warm-up, as the model is chosen by {}",
       options.threshold.level, criterion().metric);
}

Evaluation DetectTraining::validate() {
  const DetectOptions& options = trained_.options();
  const DetectOutputs outputs = run_model(trained_.network(), parts_.valid, options);
  trained_.set_calibration(calibrate(outputs, parts_.valid, options));
  if (!trained_.has_baseline()) trained_.set_baseline(ZScore::fit(parts_.train, parts_.valid, options));
  return measure(score(outputs, parts_.valid, options, trained_.calibration()), outputs.loss, trained_.threshold());
}

}  // namespace recur
