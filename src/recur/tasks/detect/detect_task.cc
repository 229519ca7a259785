#include "recur/tasks/detect/detect_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/tasks/detect/detect_training.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

constexpr int64_t kLongestWhole = 256, kUsualWindow = 100;
constexpr double kHeldOut = 0.1;  // where the user says nothing: a threshold needs data that training has not seen

void check_options(const DetectOptions& options) {
  if (options.model.method == "forecast" && options.model.rnn.bidirectional) {
    fail_usage(
        "bidirectional: not possible with method = forecast, as the network would see the values it has to forecast");
  }
}

// Sets what the options leave open.
void choose_defaults(DetectOptions& options, const SequenceSet& set) {
  std::string& level = options.threshold.level;
  if (level == "auto") level = set.labels.empty() ? "steps" : "sequences";
  if (!options.data.window) {
    const int64_t longest = longest_of(set);
    options.data.window = longest <= kLongestWhole ? std::max<int64_t>(longest, 2) : kUsualWindow;
  }
  if (!options.threshold.warm_up) {
    options.threshold.warm_up = options.model.method == "forecast" && level == "steps" ? *options.data.window / 10 : 0;
  }
  check_options(options);
}

void check_windows(const std::vector<Window>& windows, const DetectData& train, const DetectOptions& options) {
  if (windows.empty()) {
    fail("expected training data, but {}", classifies(options) ? "no step has a label" : "every window has anomalies");
  }
  const int64_t anomalous = train.count(Truth::kAnomalous), normal = train.count(Truth::kNormal);
  if (classifies(options) && (anomalous == 0 || normal == 0)) {
    fail("method = classify: expected normal and anomalous steps, got {} normal and {} anomalous ones", normal,
         anomalous);
  }
}

// Anomalies that the threshold is not chosen by.
void note_unused_labels(const DetectParts& parts, const DetectThresholdOptions& options) {
  const int64_t known = parts.train.count(Truth::kAnomalous);
  if (options.choose != "auto" || known == 0 || parts.valid.count(Truth::kAnomalous) > 0) return;
  log_info(
      "the {} labelled as anomalous are all in the training part, none in the validation part: the threshold is the {} "
      "quantile of normal scores; with --valid FILE of labelled anomalies it would be that of the best F1",
      counted(known, "step", "steps"), options.quantile);
}

}  // namespace

const TaskInfo& DetectTask::info() const { return detect_info(); }

std::unique_ptr<Training> DetectTask::train(const TrainingData& data, const TrainingStart& start) {
  // Written into the run's folder, from which it may be resumed elsewhere.
  options.use.labels_file = absolute_path(options.use.labels_file);
  const auto* first = first_model<DetectTrained>(start);
  SequenceSet set = read_detect(data.files, options, first != nullptr ? &first->encoder().columns() : nullptr, true);
  std::string taken = taken_text(set);
  choose_defaults(options, set);
  std::optional<double> fraction = data.held_out;
  if (!data.has_validation()) fraction = kHeldOut;
  SequenceSet valid;
  if (fraction) {
    DetectSets parts = hold_out(std::move(set), *fraction, options.use.normal, start.seed);
    set = std::move(parts.train);
    valid = std::move(parts.valid);
  }
  SeriesEncoder encoder = first != nullptr
                              ? first->encoder()
                              : SeriesEncoder::fit(set, all_of(set.size()), scaler_from_name(options.data.scaler));
  if (!fraction) valid = read_detect(data.valid, options, &encoder.columns(), true);

  const std::vector<std::string>& normal = options.use.normal;
  const auto encode = [&](SequenceSet part) {
    return encode_detect(std::make_shared<const SequenceSet>(std::move(part)), encoder, normal);
  };
  auto parts = std::make_shared<DetectParts>();
  parts->train = encode(std::move(set));
  parts->valid = encode(std::move(valid));
  std::vector<Window> windows = training_windows(parts->train, *options.data.window, options.model.method);
  check_windows(windows, parts->train, options);
  ShuffledBatches<DetectExample> batches(
      dataset_of({parts, &parts->train}, std::move(windows), options.model.method == "forecast"),
      {.batch = options.data.batch}, start);
  Random random(start.seed, kInitialValues);
  DetectTrained trained(options, std::move(encoder), {}, random);
  note_unused_labels(*parts, options.threshold);
  auto training = std::make_unique<DetectTraining>(std::move(trained), std::move(parts), std::move(batches));
  if (!data.has_validation()) {
    log_info("no validation data are given: a tenth of the data is held out to choose the model and the threshold");
  }
  training->set_taken(std::move(taken));
  return training;
}

std::unique_ptr<Trained> DetectTask::restore(const Assets& assets, int64_t elements) const {
  DetectOptions own = options;
  own.use.labels_file.clear();  // they were those of the training data
  own.use.label.clear();
  SeriesEncoder encoder(assets);
  const int64_t scales = classifies(own) ? 0 : std::ssize(encoder.channels());
  Calibration calibration =
      read_asset(assets, "calibration", [&](const std::string& text) { return Calibration::from_text(text, scales); });
  if (!own.data.window || !own.threshold.warm_up || own.threshold.level == "auto") {
    fail("the model file lacks a value of window, warm_up or level");
  }
  check_options(own);
  check_size(own.model, DetectTrained::sizes_of(own, encoder), elements);
  std::optional<ZScore> baseline;
  if (assets.contains("baselines")) {
    baseline = read_asset(assets, "baselines", [&](const std::string& text) {
      return ZScore::from_text(text, std::ssize(encoder.channels()));
    });
  }
  Random random(0);
  auto trained = std::make_unique<DetectTrained>(own, std::move(encoder), std::move(calibration), random);
  if (baseline) trained->set_baseline(*std::move(baseline));
  return trained;
}

}  // namespace recur
