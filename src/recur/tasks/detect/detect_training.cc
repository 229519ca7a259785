#include "recur/tasks/detect/detect_training.h"

#include <numeric>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/ops/sum.h"

namespace recur {

DetectTraining::DetectTraining(DetectTrained trained, DetectParts parts, ShuffledBatches<Window> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
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

Evaluation DetectTraining::validate() {
  const DetectOptions& options = trained_.options();
  const DetectOutputs outputs = run_model(trained_.network(), parts_.valid, options);
  trained_.set_calibration(calibrate(outputs, parts_.valid, options));
  return measure(score(outputs, parts_.valid, options, trained_.calibration()), outputs.loss, trained_.threshold());
}

}  // namespace recur
