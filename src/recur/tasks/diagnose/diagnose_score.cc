#include "recur/tasks/diagnose/diagnose_score.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/sequences/settle_times.h"
#include "recur/data/tables/cell_text.h"
#include "recur/ops/cast.h"
#include "recur/tasks/diagnose/time_steps.h"

namespace recur {
namespace {

std::string record_name(const SequenceSet* set, int64_t i) {
  if (set == nullptr) return fmt::format("record {}", i + 1);
  const Sequence& record = set->sequences[static_cast<size_t>(i)];
  return fmt::format("{}: record {}", set->where(record), quoted_cell(record.id));
}

template <class Step>
LabelScores scores_at(const DiagnoseScores& scores, const DiagnoseExamples& examples, Step&& step) {
  LabelScores result{.labels = scores.labels(), .probabilities = {}, .answers = {}};
  std::vector<float> room;
  for (int64_t i = 0; i < scores.size(); ++i) {
    const int64_t t = step(i);
    if (t >= scores.steps(i)) continue;
    const auto logits = scores.step(i, t, room);
    for (int64_t l = 0; l < scores.labels(); ++l) {
      result.probabilities.push_back(probability_of(double{logits[l]}));
      result.answers.push_back(examples.answers_of(i)[l]);
    }
  }
  return result;
}

double mean_loss(const DiagnoseScores& scores, const DiagnoseExamples& examples) {
  double sum = 0;
  int64_t known = 0;
  std::vector<float> room;
  for (int64_t i = 0; i < scores.size(); ++i) {
    const auto logits = scores.step(i, scores.steps(i) - 1, room);
    for (int64_t l = 0; l < scores.labels(); ++l) {
      const float answer = examples.answers_of(i)[l];
      if (std::isnan(answer)) continue;
      sum += nats(double{logits[l]}, double{answer});
      ++known;
    }
  }
  return known == 0 ? 0 : sum / static_cast<double>(known);
}

}  // namespace

double probability_of(double logit) { return 1 / (1 + std::exp(-logit)); }

double nats(double logit, double answer) {
  return std::max(logit, 0.0) - logit * answer + std::log1p(std::exp(-std::abs(logit)));
}

DiagnoseScores::DiagnoseScores(int64_t labels, std::span<const int64_t> lengths)
    : logits_({.width = labels, .purpose = "scores: cannot keep the logits"}) {
  for (const int64_t steps : lengths) first_.push_back(first_.back() + steps);
  logits_.resize(first_.back());
}

DiagnoseScores score(const DiagnoseReading& reading, const DiagnoseExamples& examples) {
  const autograd::NoGrad no_grad;
  const int64_t L = reading.labels.predicted();
  const std::vector<int64_t> lengths = lengths_of(*examples.records);
  DiagnoseScores scores(L, lengths);
  std::vector<float> of_record;
  for (const auto& which : batches_by_length(lengths, {.batch = reading.batch})) {
    check_stop();
    const RecordBatch batch = make_batch(load_examples(*examples.records, which), reading.encoder, reading.gaps);
    const Tensor logits = cast(reading.model(batch, Mode::evaluation()), DType::kF32);
    const float* from = std::as_const(logits).data<float>();
    const int64_t B = std::ssize(which), all = logits.size(2);
    for (int64_t b = 0; b < B; ++b) {
      of_record.clear();
      for (int64_t t = 0; t < lengths[which[b]]; ++t) {
        const std::span<const float> step(from + (t * B + b) * all, static_cast<size_t>(L));
        check_finite(step, [&] { return fmt::format("{}, step {}", record_name(reading.set, which[b]), t + 1); });
        of_record.insert(of_record.end(), step.begin(), step.end());
      }
      scores.set_record(which[b], of_record);
    }
  }
  return scores;
}

LabelScores last_step(const DiagnoseScores& scores, const DiagnoseExamples& examples) {
  return scores_at(scores, examples, [&](int64_t i) { return scores.steps(i) - 1; });
}

LabelScores at_step(const DiagnoseScores& scores, const DiagnoseExamples& examples, int64_t t) {
  return scores_at(scores, examples, [t](int64_t) { return t; });
}

std::vector<double> best_thresholds(const LabelScores& scores) {
  std::vector<double> thresholds;
  const std::vector<int64_t> rows = all_rows(scores);
  for (int64_t l = 0; l < scores.labels; ++l) thresholds.push_back(best_threshold(scored(scores, l, rows)));
  return thresholds;
}

Evaluation measure(const DiagnoseScores& scores, const DiagnoseExamples& examples, const LabelSet& labels) {
  const LabelScores last = last_step(scores, examples);
  Evaluation result{.examples = examples.size(), .metrics = {{"loss", mean_loss(scores, examples)}}};
  const std::vector<Metric> metrics = multilabel_metrics(last, labels.thresholds(), all_rows(last));
  result.metrics.insert(result.metrics.end(), metrics.begin(), metrics.end());
  return result;
}

Table label_table(const LabelScores& scores, const LabelSet& labels) {
  Table table{.name = "labels",
              .columns = {"label", "known", "positive", "auc", "auprc", "threshold", "precision", "recall", "f1"},
              .rows = {}};
  const std::vector<int64_t> rows = all_rows(scores);
  for (int64_t l = 0; l < scores.labels; ++l) {
    const std::vector<Scored> things = scored(scores, l, rows);
    const double threshold = labels.thresholds()[l];
    const BinaryCounts found = counts(things, threshold);
    const auto or_none = [](std::optional<double> value) { return value ? TableCell(*value) : TableCell("none"); };
    table.rows.push_back({labels.names()[l], std::ssize(things), found.hits + found.misses, or_none(roc_auc(things)),
                          or_none(average_precision(things)), threshold, found.precision(), found.recall(),
                          found.f1()});
  }
  return table;
}

void write_record_scores(const SequenceSet& set, const DiagnoseExamples& examples, const DiagnoseScores& scores,
                         const LabelSet& labels, Sink& out) {
  out.columns({"id", "label", "answer", "loss", "probability"});
  std::vector<float> room;
  for (int64_t i = 0; i < scores.size(); ++i) {
    const auto logits = scores.step(i, scores.steps(i) - 1, room);
    for (int64_t l = 0; l < scores.labels(); ++l) {
      const float answer = examples.answers_of(i)[l];
      if (std::isnan(answer)) continue;
      out.row(std::vector<TableCell>{set.sequences[i].id, labels.names()[l], static_cast<int64_t>(answer),
                                     nats(double{logits[l]}, double{answer}), probability_of(double{logits[l]})});
    }
  }
}

void write_predictions(const SequenceSet& set, const DiagnoseScores& scores, const LabelSet& labels,
                       const GridOptions* every_step, Sink& rows) {
  std::vector<std::string> columns{"id"};
  if (every_step != nullptr) columns.emplace_back("time");
  for (int64_t l = 0; l < scores.labels(); ++l) columns.push_back("p." + labels.names()[l]);
  rows.columns(columns);
  std::vector<TableCell> cells;
  std::vector<float> room;
  for (int64_t i = 0; i < scores.size(); ++i) {
    const Sequence& record = set.sequences[i];
    const double begin = every_step != nullptr ? first_time(set, record, *every_step) : 0;
    const int64_t last = scores.steps(i) - 1;
    for (int64_t t = every_step != nullptr ? 0 : last; t <= last; ++t) {
      cells.assign(1, record.id);
      if (every_step != nullptr) {
        const double end = begin + static_cast<double>(t + 1) * step_length(set, *every_step);
        cells.emplace_back(time_text(set.time_kind, end, set.time_zone));
      }
      for (const float logit : scores.step(i, t, room)) cells.emplace_back(probability_of(double{logit}));
      rows.row(cells);
    }
  }
}

}  // namespace recur
