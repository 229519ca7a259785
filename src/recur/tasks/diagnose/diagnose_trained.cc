#include "recur/tasks/diagnose/diagnose_trained.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/tasks/diagnose/diagnose_explain.h"
#include "recur/tasks/diagnose/early_warning.h"
#include "recur/tasks/groups/decided_rows.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/metrics/bootstrap.h"

namespace recur {

const TaskInfo& diagnose_info() {
  static const TaskInfo info{
      .name = "diagnose",
      .summary = "Diagnosis: predicts several labels from irregularly timed measurements, at every step",
      .data = "labelled records: tables with a row per measurement or per time, JSON lines",
      .unit = "records"};
  return info;
}

SequenceSet read_records(const DataFiles& data, const DiagnoseOptions& options, const RecordEncoder* encoder,
                         RecordLabels needed) {
  SequenceOptions reading = options.data.series.sequence_options(encoder != nullptr ? &encoder->columns() : nullptr,
                                                                 needed != RecordLabels::kNone);
  const std::vector<std::string>& auxiliary = options.data.auxiliary;
  std::vector<std::string>& labels = reading.columns.labels;
  if (encoder == nullptr) {
    labels = options.data.labels;
    labels.insert(labels.end(), auxiliary.begin(), auxiliary.end());
  } else if (needed == RecordLabels::kPredicted) {
    std::erase_if(labels, [&](const std::string& name) { return std::ranges::count(auxiliary, name) > 0; });
  }
  reading.side_table = options.use.labels_file;
  SequenceSet set = read_sequences(data, reading);
  for (const std::string& note : set.notes) log_warning("{}", note);
  // What a reader would stumble over: records that say nothing.
  const auto empty = std::ranges::count_if(set.sequences, [&](const Sequence& s) { return set.length(s) == 0; });
  if (empty > 0) {
    log_warning("{} no measurement: each is treated as one step of normal values",
                counted(empty, "record has", "records have"));
  }
  return set;
}

DiagnoseSizes DiagnoseTrained::sizes_of(const RecordEncoder& encoder, const LabelSet& labels) {
  return {.channels = encoder.channels(), .statics = encoder.statics(), .labels = labels.size()};
}

DiagnoseTrained::DiagnoseTrained(const DiagnoseOptions& options, RecordEncoder encoder, LabelSet labels, Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      labels_(std::move(labels)),
      model_(options.model, options.data.gaps, sizes_of(encoder_, labels_), random) {}

SequenceSet DiagnoseTrained::read(const DataFiles& data, bool need_labels) const {
  return read_records(data, options_, &encoder_, need_labels ? RecordLabels::kPredicted : RecordLabels::kNone);
}

DiagnoseScores DiagnoseTrained::score(const DiagnoseExamples& examples, const SequenceSet* set) const {
  return recur::score({.model = model_,
                       .encoder = encoder_,
                       .labels = labels_,
                       .gaps = options_.data.gaps,
                       .batch = options_.use.batch,
                       .set = set},
                      examples);
}

Evaluation DiagnoseTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const SequenceSet set = read(data, true);
  const DiagnoseExamples encoded = encode_records(set, all_of(set.size()), encoder_, &labels_);
  const DiagnoseScores scores = score(encoded, &set);
  if (examples != nullptr) write_record_scores(set, encoded, scores, labels_, *examples);
  Evaluation result = measure(scores, encoded, labels_);
  add_baselines(result, measure_baselines(encoded));
  const LabelScores last = last_step(scores, encoded);
  if (options_.use.bootstrap > 0) {
    result.tables.push_back(bootstrap_intervals(encoded.size(), {.samples = options_.use.bootstrap}, [&](Rows rows) {
      return multilabel_metrics(last, labels_.thresholds(), rows);
    }));
  }
  result.tables.push_back(label_table(last, labels_));
  result.tables.push_back(step_table(scores, encoded, options_.data.grid.step));
  result.tables.push_back(warning_table(scores, encoded, labels_, options_.data.grid.step));
  return result;
}

BaselineResults DiagnoseTrained::measure_baselines(const DiagnoseExamples& examples) const {
  if (!baseline_) return {};
  return {.by = criterion(), .methods = baseline_->measure(examples, labels_)};
}

Criterion DiagnoseTrained::criterion() const {
  const std::string& select = options_.loss.select;
  if (select == "loss") return {.metric = select, .higher_is_better = false};
  return {.metric = labels_.predicted() > 1 ? "macro_" + select : select, .higher_is_better = true};
}

void DiagnoseTrained::predict(const DataFiles& data, Sink& out) const {
  const SequenceSet set = read(data, false);
  const DiagnoseExamples encoded = encode_records(set, all_of(set.size()), encoder_, nullptr);
  const GridOptions* every_step = options_.use.every_step ? &options_.data.grid : nullptr;
  if (!group_thresholds_) return write_predictions(set, score(encoded, &set), labels_, every_step, out);
  if (every_step != nullptr) fail_usage("every_step: not possible with thresholds by group, which are for last steps");
  std::vector<std::string> names;
  for (const Sequence& record : set.sequences) names.push_back(record.id);
  DecidedRows decided(*group_thresholds_, data, options_.use.decision_groups, std::move(names), out);
  write_predictions(set, score(encoded, &set), labels_, nullptr, decided);
}

std::unique_ptr<ExplainableData> DiagnoseTrained::explainable(const DataFiles& data) const {
  return std::make_unique<DiagnoseRecords>(*this, read(data, false));
}

Description DiagnoseTrained::describe() const {
  Description facts = encoder_.describe();
  facts.push_back({"labels", labels_.predicted()});
  const std::span<const std::string> names(labels_.names());
  facts.push_back({"predicts", fmt::format("{}", fmt::join(names.first(labels_.predicted()), ", "))});
  add_treatment(facts, options_.groups, group_thresholds_);
  return facts;
}

Assets DiagnoseTrained::assets() const {
  Assets assets = encoder_.assets();
  assets["labels"] = labels_.to_text();
  if (baseline_) assets["baselines"] = baseline_->to_text();
  if (group_thresholds_) assets["group_thresholds"] = group_thresholds_->to_text();
  return assets;
}

}  // namespace recur
