#include "recur/tasks/classify/classify_score.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/tables/cell_text.h"
#include "recur/tasks/metrics/classification.h"
#include "recur/tasks/metrics/ranking.h"
#include "recur/tasks/metrics/tables.h"

namespace recur {
namespace {

// A label that the model has no class for is a class of its own that is never predicted. The loss alone leaves its
// examples out: it has no probability of theirs.
Evaluation measure_classes(const ClassifyScores& scores, const ClassifyExamples& examples, const Targets& targets) {
  const int64_t known = targets.outputs();
  ConfusionMatrix confusion(known + std::ssize(examples.lacking));
  CalibrationError calibration;
  double nats = 0;
  int64_t with_loss = 0;
  std::vector<float> probabilities;
  std::vector<int32_t> actual;
  for (int64_t i = 0; i < examples.size(); ++i) {
    const auto row = scores.row(i);
    const auto best = std::ranges::max_element(row) - row.begin();
    actual.push_back(static_cast<int32_t>(examples.targets[i]));
    confusion.add(actual.back(), best);
    calibration.add(std::exp(row[best]), best == actual.back());
    if (actual.back() < known) {
      nats -= row[actual.back()];
      ++with_loss;
    }
    for (const float value : row) probabilities.push_back(std::exp(value));
  }
  std::vector<std::string> names = targets.classes().words();
  names.insert(names.end(), examples.lacking.begin(), examples.lacking.end());
  const Vocabulary classes(std::move(names));
  const auto by_class = confusion.by_class();
  Evaluation result{.examples = examples.size(),
                    .metrics = {{"loss", nats / static_cast<double>(std::max<int64_t>(with_loss, 1))},
                                {"accuracy", confusion.accuracy()},
                                {"macro_f1", macro_f1(by_class)}},
                    .tables = {class_table("classes", by_class, classes), confusion_table(confusion, classes)}};
  if (const auto auc = one_vs_rest_auc(probabilities, actual)) result.metrics.push_back({"auc", *auc});
  result.metrics.push_back({"calibration_error", calibration.value()});
  return result;
}

Evaluation measure_values(const ClassifyScores& scores, const ClassifyExamples& examples, const Targets& targets) {
  double squares = 0, distances = 0, sum = 0, sum_of_squares = 0;
  for (int64_t i = 0; i < examples.size(); ++i) {
    const double target = examples.targets[i], error = static_cast<double>(scores.values[i]) - target;
    squares += error * error;
    distances += std::abs(error);
    sum += target;
    sum_of_squares += target * target;
  }
  const auto n = static_cast<double>(examples.size());
  const double spread = sum_of_squares - sum * sum / n, unit = targets.scale().scale;
  Evaluation result{
      .examples = examples.size(),
      .metrics = {{"loss", squares / n}, {"rmse", std::sqrt(squares / n) * unit}, {"mae", distances / n * unit}}};
  if (spread > 0) result.metrics.push_back({"r2", 1 - squares / spread});
  return result;
}

template <class Answer>
ClassifyScores score_all(const Dataset<EncodedSequence>& sequences, const Targets& targets, int64_t batch,
                         const ClassifySource* source, Answer&& answer) {
  const autograd::NoGrad no_grad;
  ClassifyScores scores{.values = std::vector<float>(static_cast<size_t>(sequences.size() * targets.outputs())),
                        .outputs = targets.outputs()};
  for (const auto& which : batches_by_length(lengths_of(sequences), {.batch = batch})) {
    check_stop();
    const Tensor out = answer(make_batch(load_examples(sequences, which)));
    const float* from = out.data<float>();
    for (const int32_t i : which) {
      check_finite(std::span(from, static_cast<size_t>(scores.outputs)), [&] {
        return source == nullptr ? fmt::format("record {}", i + 1)
                                 : fmt::format("{}: record {}", source->where(i), quoted_cell(source->name(i)));
      });
      std::copy_n(from, scores.outputs, scores.values.begin() + i * scores.outputs);
      from += scores.outputs;
    }
  }
  return scores;
}

}  // namespace

ClassifyScores score(const ClassifyEnsemble& model, const ClassifyExamples& examples, const Targets& targets,
                     int64_t batch, const ClassifySource* source) {
  return score_all(*examples.sequences, targets, batch, source,
                   [&](const SequenceBatch& of) { return model.answer(of, targets.is_value()); });
}

void combine_with_path(ClassifyScores& scores, const ClassifyEnsemble& model, const ClassifyExamples& examples) {
  if (model.mix() == nullptr || examples.path_scores.empty()) return;
  const auto C = static_cast<size_t>(scores.outputs);
  for (int64_t i = 0; i < examples.size(); ++i) {
    model.mix()->combine(std::span(scores.values).subspan(static_cast<size_t>(i) * C, C), examples.path(i, C));
  }
}

ClassifyScores score_of(const ClassifyEnsemble& model, size_t member, const ClassifyExamples& examples,
                        std::span<const int64_t> which, const Targets& targets, int64_t batch) {
  const DatasetPtr<EncodedSequence> part = subset(examples.sequences, std::vector<int64_t>(which.begin(), which.end()));
  return score_all(*part, targets, batch, nullptr,
                   [&](const SequenceBatch& of) { return model.answer_of(member, of, targets.is_value()); });
}

void write_predictions(const ClassifySource& source, const ClassifyScores& scores, const Targets& targets, Sink& rows) {
  std::vector<std::string> columns{"id"};
  if (targets.is_value()) {
    columns.emplace_back("value");
  } else {
    columns.insert(columns.end(), {"label", "probability"});
    for (const std::string& label : targets.classes().words()) columns.push_back("p." + label);
  }
  rows.columns(columns);
  std::vector<TableCell> cells;
  for (int64_t i = 0; i < source.size(); ++i) {
    const auto row = scores.row(i);
    cells.assign(1, source.name(i));
    if (targets.is_value()) {
      cells.emplace_back(targets.value_of(row[0]));
    } else {
      const auto best = std::ranges::max_element(row) - row.begin();
      cells.emplace_back(targets.classes().word(static_cast<int32_t>(best)));
      cells.emplace_back(static_cast<double>(std::exp(row[best])));
      for (const float value : row) cells.emplace_back(static_cast<double>(std::exp(value)));
    }
    rows.row(cells);
  }
}

void write_example_scores(const ClassifySource& source, const ClassifyExamples& examples, const ClassifyScores& scores,
                          const Targets& targets, Sink& out) {
  out.columns({"id", "label", "loss", "predicted"});
  for (int64_t i = 0; i < examples.size(); ++i) {
    const auto row = scores.row(i);
    std::vector<TableCell> cells{source.name(i), source.label(i)};
    if (targets.is_value()) {
      const double error = double{row[0]} - examples.targets[i];
      cells.insert(cells.end(), {error * error, targets.value_of(row[0])});
    } else {
      const auto best = std::ranges::max_element(row) - row.begin();
      const auto label = static_cast<size_t>(examples.targets[i]);
      cells.push_back(label < row.size() ? TableCell(-double{row[label]}) : TableCell(std::string()));
      cells.emplace_back(targets.classes().word(static_cast<int32_t>(best)));
    }
    out.row(cells);
  }
}

Evaluation measure(const ClassifyScores& scores, const ClassifyExamples& examples, const Targets& targets) {
  return targets.is_value() ? measure_values(scores, examples, targets) : measure_classes(scores, examples, targets);
}

}  // namespace recur
