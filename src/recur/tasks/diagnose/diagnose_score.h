// Predictions for records, and their metrics.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/tasks/diagnose/diagnose_examples.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/metrics/multilabel.h"
#include "recur/tasks/sink.h"

namespace recur {

// Logits of the predicted labels, L of them.
struct DiagnoseScores {
  int64_t labels = 0;
  std::vector<std::vector<float>> records;  // [T, L] of each record

  int64_t size() const { return std::ssize(records); }
  int64_t steps(int64_t i) const { return std::ssize(records[i]) / labels; }
  std::span<const float> at(int64_t i, int64_t t) const { return std::span(records[i]).subspan(t * labels, labels); }
  double probability(int64_t i, int64_t t, int64_t l) const;
};

// How a trained network is used.
struct DiagnoseReading {
  const DiagnoseModel& model;
  const RecordEncoder& encoder;
  const LabelSet& labels;
  const GapOptions& gaps;
  int64_t batch = 64;
  const SequenceSet* set = nullptr;  // of the examples, for messages; null: they go by their numbers
};
// Throws NotFiniteError for a logit that is no number, naming record and step.
DiagnoseScores score(const DiagnoseReading& reading, const DiagnoseExamples& examples);

// Probabilities and answers at the last step of each record, or at step t of those that have one.
LabelScores last_step(const DiagnoseScores& scores, const DiagnoseExamples& examples);
LabelScores at_step(const DiagnoseScores& scores, const DiagnoseExamples& examples, int64_t t);

// The threshold of each label that gives the highest F1.
std::vector<double> best_thresholds(const LabelScores& scores);

// loss (mean cross-entropy of a known answer, in nats), then multilabel_metrics().
Evaluation measure(const DiagnoseScores& scores, const DiagnoseExamples& examples, const LabelSet& labels);

// "labels", a row per label: examples, positives, AUC, area under precision and recall, threshold, precision, recall,
// F1.
Table label_table(const LabelScores& scores, const LabelSet& labels);

// A row per record and label that is known: its name, label, answer, loss (nats) and probability at the last step.
void write_record_scores(const SequenceSet& set, const DiagnoseExamples& examples, const DiagnoseScores& scores,
                         const LabelSet& labels, Sink& out);

// A row per record, or with every_step one a step: its id, with every_step the time at which the step ends, and
// "p.LABEL" of each label.
void write_predictions(const SequenceSet& set, const DiagnoseScores& scores, const LabelSet& labels,
                       const GridOptions* every_step, Sink& rows);

}  // namespace recur
