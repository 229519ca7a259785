// A trained network of diagnosis, with encoder, labels and options.
#pragma once

#include <optional>

#include "recur/tasks/diagnose/diagnose_examples.h"
#include "recur/tasks/diagnose/diagnose_score.h"
#include "recur/tasks/diagnose/last_values.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& diagnose_info();

class DiagnoseTrained : public TrainedOf<DiagnoseTrained, DiagnoseOptions> {
 public:
  // A new network.
  DiagnoseTrained(const DiagnoseOptions& options, RecordEncoder encoder, LabelSet labels, Random& random);
  static DiagnoseSizes sizes_of(const RecordEncoder& encoder, const LabelSet& labels);

  const TaskInfo& info() const override { return diagnose_info(); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  void predict(const DataFiles& data, Sink& out) const override;
  bool reports_predictions() const override { return true; }
  ModelDecisions decisions(const DataFiles& data, const DecisionRequest& request) const override;
  std::unique_ptr<ExplainableData> explainable(const DataFiles& data) const override;
  TrainedGraph graph(const GraphRequest& request) const override;
  Description describe() const override;
  Assets assets() const override;
  void set_group_thresholds(GroupThresholds thresholds) override { group_thresholds_ = std::move(thresholds); }

  const DiagnoseModel& network() const { return model_; }
  DiagnoseModel& network() { return model_; }
  const RecordEncoder& encoder() const { return encoder_; }
  const LabelSet& labels() const { return labels_; }
  LabelSet& labels() { return labels_; }
  DiagnoseScores score(const DiagnoseExamples& examples, const SequenceSet* set = nullptr) const;
  void set_baseline(LastValues baseline) { baseline_ = std::move(baseline); }
  // Nothing of a model file of before.
  BaselineResults measure_baselines(const DiagnoseExamples& examples) const;
  Criterion criterion() const;  // by which the model was chosen

 private:
  SequenceSet read(const DataFiles& data, bool need_labels) const;

  RecordEncoder encoder_;
  LabelSet labels_;
  std::optional<LastValues> baseline_;
  DiagnoseModel model_;
  std::optional<GroupThresholds> group_thresholds_;
};

// Which labels records must have: all are learnt from, those that help in training are not asked for any more.
enum class RecordLabels { kNone, kPredicted, kAll };

// Reads records; notes about them are logged. `encoder` is that of a model, or null.
SequenceSet read_records(const DataFiles& data, const DiagnoseOptions& options, const RecordEncoder* encoder,
                         RecordLabels needed);

}  // namespace recur
