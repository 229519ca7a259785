// Predictions for records, and their metrics.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/row_store.h"
#include "recur/tasks/diagnose/diagnose_examples.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/metrics/multilabel.h"
#include "recur/tasks/sink.h"

namespace recur {

double probability_of(double logit);
// The cross-entropy of an answer, 1 or 0: -t log(p) - (1 - t) log(1 - p), exact for large logits.
double nats(double logit, double answer);

// Logits of the predicted labels, L of them, at each step of each record: in memory or, where they are too many, on
// disk.
class DiagnoseScores {
 public:
  // Of records of these lengths.
  DiagnoseScores(int64_t labels, std::span<const int64_t> lengths);

  int64_t labels() const { return logits_.width(); }
  int64_t size() const { return std::ssize(first_) - 1; }
  int64_t steps(int64_t i) const { return first_[i + 1] - first_[i]; }
  // [T, L] of a record, or [L] of one step, in memory or read into `room`.
  std::span<const float> record(int64_t i, std::vector<float>& room) const {
    return logits_.read(first_[i], first_[i + 1], room);
  }
  std::span<const float> step(int64_t i, int64_t t, std::vector<float>& room) const {
    return logits_.read(first_[i] + t, first_[i] + t + 1, room);
  }
  void set_record(int64_t i, std::span<const float> logits) { logits_.write(first_[i], logits); }

 private:
  RowStore<float> logits_;
  std::vector<int64_t> first_{0};  // of each record its first row, and behind the last one their number
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
