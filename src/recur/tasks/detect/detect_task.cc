#include "recur/tasks/detect/detect_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/tables/date_time.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

constexpr int64_t kLongestWhole = 256, kUsualWindow = 100;
constexpr double kHeldOut = 0.1;  // where the user says nothing: a threshold needs data that training has not seen

std::vector<int64_t> all_of(const SequenceSet& set) {
  std::vector<int64_t> all(static_cast<size_t>(set.size()));
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

int64_t longest_of(const SequenceSet& set) {
  int64_t steps = 0;
  for (const Sequence& sequence : set.sequences) steps = std::max(steps, set.length(sequence));
  return steps;
}

TableCell time_cell(const SequenceSet& set, double time) {
  if (set.time_kind == TimeKind::kDate) return date_text(time);
  return time;
}

}  // namespace

const TaskInfo& DetectTask::info() const {
  static const TaskInfo info{.name = "detect",
                             .summary = "Anomaly detection: a score for each step of a series, or for each series",
                             .data = "series of numbers: CSV, TSV, JSON lines, .ts, .tsf, .npy, .npz, IDX",
                             .unit = "scores"};
  return info;
}

SequenceSet DetectTask::read(const Paths& paths, bool need_labels) const {
  SequenceSet set = read_detect(paths, options, encoder_ ? &encoder_->columns() : nullptr, need_labels);
  if (longest_of(set) == 0) fail("{}: there are no steps", fmt::join(set.files, ", "));
  return set;
}

void DetectTask::choose_defaults(const SequenceSet& set) {
  std::string& level = options.threshold.level;
  if (level == "auto") level = set.labels.empty() ? "steps" : "sequences";
  if (!options.data.window) {
    const int64_t longest = longest_of(set);
    options.data.window = longest <= kLongestWhole ? std::max<int64_t>(longest, 2) : kUsualWindow;
  }
  if (!options.threshold.warm_up) {
    options.threshold.warm_up = options.model.method == "forecast" && level == "steps" ? *options.data.window / 10 : 0;
  }
  check_options();
}

void DetectTask::check_options() const {
  if (options.model.method == "forecast" && options.model.rnn.bidirectional) {
    fail_usage("bidirectional: a forecast reads forwards alone, it would see what it is to foretell");
  }
}

void DetectTask::start(const TrainingData& data, uint64_t seed) {
  encoder_.reset();
  // Written into the run's folder, from which it may be resumed elsewhere.
  std::string& labels = options.use.labels_file;
  if (!labels.empty()) labels = std::filesystem::absolute(labels).lexically_normal().string();

  SequenceSet set = read(data.paths, true);
  choose_defaults(set);
  const std::optional<double> fraction = data.valid.empty() ? kHeldOut : data.held_out_fraction();
  if (data.valid.empty()) log_info("a tenth of the data is held out, to choose the model and the threshold");
  SequenceSet valid;
  if (fraction) {
    DetectParts parts = hold_out(std::move(set), *fraction, options.use.normal, seed);
    set = std::move(parts.train);
    valid = std::move(parts.valid);
  }
  encoder_ = SeriesEncoder::fit(set, all_of(set), scaler_from_name(options.data.scaler));
  if (!fraction) valid = read({data.valid}, true);

  DetectData encoded = encode(set);
  std::vector<Window> windows = training_windows(encoded, *options.data.window, options.model.method);
  if (windows.empty()) {
    fail("there is nothing to learn from: {}", classifies() ? "no step has a label" : "every window has anomalies");
  }
  const auto anomalous = static_cast<double>(encoded.count(Truth::kAnomalous));
  const auto normal = static_cast<double>(encoded.count(Truth::kNormal));
  if (classifies() && (anomalous == 0 || normal == 0)) {
    fail("method: classification needs both kinds, got {} normal steps and {} anomalous ones", normal, anomalous);
  }
  std::vector<int64_t> lengths;
  for (const Window& window : windows) lengths.push_back(window.steps);
  ShuffledBatches batches(std::move(lengths), {.batch = options.data.batch}, seed);
  Random random(seed);
  model_.emplace(options.model, sizes(), random);
  calibration_ = {};
  training_ = std::make_unique<Training>(Training{.data = std::move(encoded),
                                                  .valid = encode(valid),
                                                  .windows = std::move(windows),
                                                  .batches = std::move(batches),
                                                  .anomaly_weight = options.model.balanced ? normal / anomalous : 1,
                                                  .trace = {}});
}

TrainingStep DetectTask::step(bool trace_gradients) {
  if (training_ == nullptr) fail("detect: training has not been started");
  const auto batch = training_->batches.next();
  std::vector<Window> windows;
  for (const int32_t i : batch.sequences) windows.push_back(training_->windows[i]);
  training_->trace = {};
  const WindowBatch inputs = make_windows(training_->data, windows, options.model.method == "forecast");
  const Tensor y = network()(inputs, {.random = &training_->batches.dropout(),
                                      .trace = trace_gradients ? &training_->trace : nullptr})
                       .y;
  const WindowTargets targets = make_targets(training_->data, windows, classifies(), training_->anomaly_weight);
  const Tensor values = cast(targets.values, y.dtype()), weights = cast(targets.weights, y.dtype());
  const Tensor losses =
      classifies() ? binary_cross_entropy_with_logits(y, values, Reduction::kNone) : mse(y, values, Reduction::kNone);
  const Tensor objective = sum(losses * weights) / std::max(1.0, sum(weights).item());
  return {.objective = objective,
          .loss = objective.item(),
          .examples = std::accumulate(inputs.lengths.begin(), inputs.lengths.end(), int64_t{0}),
          .ends_epoch = batch.ends_pass};
}

Criterion DetectTask::criterion() const {
  const bool both = training_ != nullptr && training_->valid.count(Truth::kAnomalous) > 0 &&
                    training_->valid.count(Truth::kNormal) > 0;
  if (classifies() && both) return {.metric = "auprc", .higher_is_better = true};
  return {};
}

Evaluation DetectTask::validate() {
  const DetectData& valid = training().valid;
  network().evaluate();
  const DetectOutputs outputs = run_model(network(), valid, options);
  network().train();
  calibration_ = calibrate(outputs, valid, options);
  return measure(score(outputs, valid, options, calibration_), outputs.loss, threshold());
}

Assets DetectTask::assets() const {
  Assets assets = encoder_->assets();
  assets["calibration"] = calibration_.to_text();
  return assets;
}

void DetectTask::restore(const Assets& assets, int64_t elements) {
  encoder_ = SeriesEncoder(assets);
  const auto calibration = assets.find("calibration");
  if (calibration == assets.end()) fail("the model lacks its calibration");
  calibration_ = Calibration::from_text(calibration->second, classifies() ? 0 : std::ssize(encoder_->channels()));
  if (!options.data.window || !options.threshold.warm_up || options.threshold.level == "auto") {
    fail("window, warm_up or level has not been chosen");
  }
  check_options();
  training_ = nullptr;
  options.use.labels_file.clear();  // they were those of the training data
  options.use.label.clear();
  check_size(options.model, sizes(), elements);
  Random random(0);
  model_.emplace(options.model, sizes(), random);
}

double DetectTask::threshold() const {
  if (!calibration_.threshold) fail("the model has no threshold: training was stopped before its first validation");
  return options.use.threshold.value_or(*calibration_.threshold);
}

Evaluation DetectTask::evaluate(const Paths& paths) {
  const DetectData data = encode(read(paths, true));
  if (data.count(Truth::kAnomalous) == 0) {
    log_warning("{}: the loss is all there is to measure",
                data.count(Truth::kNormal) > 0 ? "no label says anomaly" : "there are no labels (label_column)");
  }
  const double at = threshold();
  network().evaluate();
  const DetectOutputs outputs = run_model(network(), data, options);
  return measure(score(outputs, data, options, calibration_), outputs.loss, at);
}

void DetectTask::predict(const Paths& paths, RowSink& rows) {
  SequenceSet set = read(paths, false);
  const double at = threshold();
  for (Sequence& sequence : set.sequences) sequence.labels.clear(), sequence.step_labels.clear();
  const DetectData data = encode(set);
  network().evaluate();
  const DetectScores scores = score(run_model(network(), data, options), data, options, calibration_);
  const bool steps = options.threshold.level == "steps", times = steps && set.time_kind != TimeKind::kNone;
  std::vector<std::string> columns{"id"};
  if (steps) columns.emplace_back("step");
  if (times) columns.emplace_back("time");
  columns.insert(columns.end(), {"score", "anomaly"});
  rows.columns(columns);
  for (int64_t i = 0; i < set.size(); ++i) {
    const Sequence& sequence = set.sequences[i];
    for (size_t t = 0; t < scores.of_sequences[i].size(); ++t) {
      const double score = scores.of_sequences[i][t];
      std::vector<TableCell> cells{sequence.id};
      if (steps) cells.emplace_back(static_cast<int64_t>(t + 1));
      if (times) cells.push_back(time_cell(set, sequence.times[t]));
      cells.insert(cells.end(), {score, int64_t{score > at}});
      rows.row(cells);
    }
  }
}

std::unique_ptr<LineStream> DetectTask::stream() {
  threshold();
  network().evaluate();
  return std::make_unique<DetectStream>(Detector{network(), *encoder_, calibration_, options});
}

Description DetectTask::describe() const {
  Description facts = encoder_->describe();
  if (calibration_.threshold) facts.push_back({"threshold", *calibration_.threshold});
  return facts;
}

DetectSizes DetectTask::sizes() const {
  return {.features = encoder_->features(), .outputs = classifies() ? 1 : std::ssize(encoder_->channels())};
}

DetectModel& DetectTask::network() {
  if (!model_) fail("detect: there is no model yet");
  return *model_;
}

const DetectTask::Training& DetectTask::training() const {
  if (training_ == nullptr) fail("detect: training has not been started");
  return *training_;
}

}  // namespace recur
