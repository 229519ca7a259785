#include "recur/tasks/detect/detect_trained.h"

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/tables/date_time.h"
#include "recur/tasks/detect/detect_explain.h"
#include "recur/tasks/detect/detect_stream.h"

namespace recur {
namespace {

TableCell time_cell(const SequenceSet& set, double time) {
  if (set.time_kind == TimeKind::kDate) return date_text(time, set.time_zone);
  return time;
}

// A row per step or sequence with its score; what is predicted is an anomaly above `threshold`. With `truth`, what is
// known of it too.
void write_scores(const SequenceSet& set, const ScoreSource& scores, bool steps, bool truth, double threshold,
                  Sink& out) {
  const bool times = steps && set.time_kind != TimeKind::kNone;
  std::vector<std::string> columns{"id"};
  if (steps) columns.emplace_back("step");
  if (times) columns.emplace_back("time");
  columns.insert(columns.end(), {"score", "anomaly"});
  if (truth) columns.emplace_back("label");
  out.columns(columns);
  constexpr const char* kTruth[] = {"normal", "anomalous", ""};
  scores([&](const DetectScores& part) {
    const Sequence& sequence = set.sequences[static_cast<size_t>(part.sequence)];
    const int64_t count = std::ssize(part.scores);
    const bool stored = times && sequence.stored.store >= 0;
    const Sequence loaded = stored ? set.load(sequence, part.first, part.first + count) : Sequence();
    for (int64_t t = 0; t < count; ++t) {
      const double score = part.scores[t];
      std::vector<TableCell> cells{sequence.id};
      if (steps) cells.emplace_back(part.first + t + 1);
      if (times) cells.push_back(time_cell(set, stored ? loaded.times[t] : sequence.times[part.first + t]));
      cells.insert(cells.end(), {score, int64_t{score > threshold}});
      if (truth) cells.emplace_back(kTruth[static_cast<size_t>(part.truth[t])]);
      out.row(cells);
    }
  });
}

}  // namespace

const TaskInfo& detect_info() {
  static const TaskInfo info{.name = "detect",
                             .summary = "Anomaly detection: scores each step of a series, or each series",
                             .data = "series of numbers: CSV, TSV, JSON lines, .ts, .tsf, .npy, .npz, IDX",
                             .unit = "scores"};
  return info;
}

DetectSizes DetectTrained::sizes_of(const DetectOptions& options, const SeriesEncoder& encoder) {
  return {.features = encoder.features(), .outputs = classifies(options) ? 1 : std::ssize(encoder.channels())};
}

DetectTrained::DetectTrained(const DetectOptions& options, SeriesEncoder encoder, Calibration calibration,
                             Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      calibration_(std::move(calibration)),
      model_(options.model, sizes_of(options, encoder_), random) {}

SequenceSet DetectTrained::read(const DataFiles& data, bool need_labels) const {
  return read_detect(data, options_, &encoder_.columns(), need_labels);
}

double DetectTrained::threshold() const {
  if (!calibration_.threshold) fail("the model has no threshold: training was stopped before its first validation");
  return options_.use.threshold.value_or(*calibration_.threshold);
}

Evaluation DetectTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const auto set = std::make_shared<const SequenceSet>(read(data, true));
  const DetectData encoded = encode_detect(set, encoder_, options_.use.normal);
  if (encoded.count(Truth::kAnomalous) == 0) {
    log_warning("{}: only the loss can be measured",
                encoded.count(Truth::kNormal) > 0 ? "no label is an anomaly" : "there are no labels (label_column)");
  }
  const double at = threshold();
  const DetectOutputs outputs = run_model(model_, encoded, options_, LostState::kBeginAnew);
  const ScoreSource scores = score(outputs.reader(), encoded, options_, calibration_);
  if (examples != nullptr) write_scores(*set, scores, options_.threshold.level == "steps", true, at, *examples);
  Evaluation result = measure(scores, outputs.loss, at);
  add_baselines(result, measure_baselines(encoded));
  return result;
}

BaselineResults DetectTrained::measure_baselines(const DetectData& data) const {
  return baseline_ ? baseline_->measure(data, options_) : BaselineResults{};
}

void DetectTrained::predict(const DataFiles& data, Sink& out) const {
  const auto set = std::make_shared<const SequenceSet>(read(data, false));
  const double at = threshold();
  const DetectData encoded = encode_detect(set, encoder_, {}, false);
  const DetectOutputs outputs = run_model(model_, encoded, options_, LostState::kBeginAnew);
  const ScoreSource scores = score(outputs.reader(), encoded, options_, calibration_);
  write_scores(*set, scores, options_.threshold.level == "steps", false, at, out);
}

std::unique_ptr<ExplainableData> DetectTrained::explainable(const DataFiles& data) const {
  return std::make_unique<DetectRecords>(*this, read(data, false));
}

std::unique_ptr<Session> DetectTrained::session() const {
  threshold();
  return std::make_unique<DetectStream>(Detector{model_, encoder_, calibration_, options_});
}

Description DetectTrained::describe() const {
  Description facts = encoder_.describe();
  if (calibration_.threshold) facts.push_back({"threshold", *calibration_.threshold});
  return facts;
}

Assets DetectTrained::assets() const {
  Assets assets = encoder_.assets();
  assets["calibration"] = calibration_.to_text();
  if (baseline_) assets["baselines"] = baseline_->to_text();
  return assets;
}

}  // namespace recur
