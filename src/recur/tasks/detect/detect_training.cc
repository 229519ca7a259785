#include "recur/tasks/detect/detect_training.h"

#include <numeric>
#include <utility>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/ops/sum.h"

namespace recur {
DetectTraining::DetectTraining(DetectTrained trained, std::shared_ptr<const DetectParts> parts,
                               ShuffledBatches<DetectExample> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_->train.checksum);
  if (!trained_.options().model.balanced) return;
  const auto normal = static_cast<double>(parts_->train.count(Truth::kNormal));
  anomaly_weight_ = normal / static_cast<double>(parts_->train.count(Truth::kAnomalous));
}

TrainingStep DetectTraining::step(bool trace_gradients) {
  const auto batch = batches_.next();
  std::vector<DetectExample> windows;
  for (const Loaded<DetectExample>& window : batch.examples) windows.push_back(*window);
  const DetectOptions& options = trained_.options();
  const bool classify = classifies(options);
  const WindowBatch inputs = make_windows(windows, parts_->train.features, options.model.method == "forecast");
  const Tensor y = trained_.network()(inputs, {.mode = mode(), .trace = new_trace(trace_gradients)}).y;
  const WindowTargets targets = make_targets(windows, parts_->train.channels, classify, anomaly_weight_);
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
  const bool both = parts_->valid.count(Truth::kAnomalous) > 0 && parts_->valid.count(Truth::kNormal) > 0;
  if (classifies(trained_.options()) && both) return {.metric = "auprc", .higher_is_better = true};
  return {};
}

// As validate(), with outputs that need no network: what cannot be chosen or measured of these cannot be of others.
void DetectTraining::check_validation() const {
  const DetectOptions& options = trained_.options();
  const auto width = static_cast<size_t>(classifies(options) ? 1 : parts_->valid.channels);
  const OutputReader zeros = [&](int64_t, int64_t, const DetectPart& part, std::vector<float>& room) {
    room.assign(static_cast<size_t>(part.steps()) * width, 0.0f);
    return std::span<const float>(room);
  };
  const Calibration calibration = calibrate(zeros, parts_->valid, options);
  const Evaluation possible =
      measure(score(zeros, parts_->valid, options, calibration), 0, calibration.threshold.value_or(0));
  if (possible.find(criterion().metric)) return;
  fail("valid: expected normal and anomalous {} behind the warm-up, as the model is chosen by {}",
       options.threshold.level, criterion().metric);
}

Evaluation DetectTraining::validate() {
  const DetectOptions& options = trained_.options();
  const DetectOutputs outputs = run_model(trained_.network(), parts_->valid, options);
  trained_.set_calibration(calibrate(outputs.reader(), parts_->valid, options));
  if (!trained_.has_baseline()) trained_.set_baseline(ZScore::fit(parts_->train, parts_->valid, options));
  return measure(score(outputs.reader(), parts_->valid, options, trained_.calibration()), outputs.loss,
                 trained_.threshold());
}

}  // namespace recur
