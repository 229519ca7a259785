#include "recur/tasks/classify/classify_trained.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/classify/classify_explain.h"
#include "recur/tasks/classify/classify_score.h"
#include "recur/tasks/groups/decided_rows.h"
#include "recur/tasks/task_measures.h"

namespace recur {
namespace {

std::vector<TaskMeasure> value_measures(const KeptRows& examples) {
  ExampleNumbers errors = numbers_of(examples, "predicted");
  const size_t label = *examples.find("label");
  for (size_t i = 0; i < errors.size(); ++i) {
    const std::optional<double> actual = parse_number(text_of(examples.rows()[i][label]));
    errors[i] = actual ? std::abs(errors[i] - *actual) : std::nan("");
  }
  ExampleNumbers squares = product(errors, errors);
  return {after(mean_of("rmse", std::move(squares)), std::sqrt), mean_of("mae", std::move(errors))};
}

}  // namespace

const TaskInfo& classify_info() {
  static const TaskInfo info{
      .name = "classify",
      .summary = "Classification and regression: predicts the class or value of a text or series",
      .data =
          "labelled texts or series: CSV, TSV, JSON lines, plain lines, .ts, .npy, .npz, IDX, or a folder per class",
      .unit = "sequences"};
  return info;
}

ClassifySizes ClassifyTrained::sizes_of(const SequenceEncoder& encoder, const Targets& targets) {
  return {.text = encoder.is_text(), .features = encoder.features(), .outputs = targets.outputs()};
}

ClassifyTrained::ClassifyTrained(const ClassifyOptions& options, SequenceEncoder encoder, Targets targets,
                                 Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      targets_(std::move(targets)),
      model_(options.model, sizes_of(encoder_, targets_), random) {}

ClassifySource::Reading ClassifyTrained::reading() const {
  return {.columns = encoder_.columns(),
          .chosen = false,
          .known_labels = targets_.classes().words(),
          .text_columns = encoder_.text_columns()};
}

ClassifySource ClassifyTrained::read(const DataFiles& data, bool need_labels) const {
  ClassifySource::Reading how = reading();
  how.labels_file = options_.use.labels_file;
  how.need_labels = need_labels;
  return ClassifySource::read(data, options_.data, how);
}

// Labels none of which the model knows are of another kind than those it has learnt.
void ClassifyTrained::check_any_known(const ClassifySource& source, const ClassifyExamples& examples) const {
  const auto is_known = [&](float target) { return target < static_cast<float>(targets_.outputs()); };
  if (std::ranges::none_of(examples.targets, is_known)) class_of(targets_.classes(), source.label(0), source.where(0));
}

ClassifyExamples ClassifyTrained::encode(const ClassifySource& source, const Targets* targets) const {
  const std::vector<int64_t> all = all_of(source.size());
  ClassifyExamples examples = encode_examples(source, all, encoder_, targets);
  examples.path_scores = path_scores(source, all, *examples.sequences);
  return examples;
}

SequenceEncoder::NgramChoice ClassifyTrained::ngram_choice() const {
  const ClassifyModelOptions& model = options_.model;
  return {.longest_characters = model.ngram_characters.value_or(0), .places = model.positions.value_or(0) > 0};
}

std::vector<float> ClassifyTrained::path_scores(const ClassifySource& source, std::span<const int64_t> which,
                                                const Dataset<EncodedSequence>& encoded) const {
  if (const KernelPath* kernels = model_.kernels()) return kernels->scores(encoded);
  std::vector<float> scores;
  const NgramPath* path = model_.ngrams();
  if (path == nullptr || !source.is_text()) return scores;
  std::vector<double> of_text(static_cast<size_t>(targets_.outputs()));
  for (size_t i = 0; i < which.size(); ++i) {
    if (i % 64 == 0) check_stop();
    std::ranges::fill(of_text, 0);
    path->add_scores(encoder_.ngrams(*source.texts().load(which[i]), ngram_choice()), of_text);
    scores.insert(scores.end(), of_text.begin(), of_text.end());
  }
  return scores;
}

Evaluation ClassifyTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const ClassifySource source = read(data, true);
  const ClassifyExamples encoded = encode(source, &targets_);
  if (encoded.size() == 0) fail("there are no examples to evaluate on");
  if (!targets_.is_value()) check_any_known(source, encoded);
  if (!encoded.warning.empty()) log_warning("{}", encoded.warning);
  ClassifyScores scores = score(model_, encoded, targets_, options_.use.batch, &source);
  combine_with_path(scores, model_, encoded);
  if (examples != nullptr) write_example_scores(source, encoded, scores, targets_, *examples);
  Evaluation result = measure(scores, encoded, targets_);
  if (baselines_) add_baselines(result, baselines_->measure(encoded, targets_));
  return result;
}

std::vector<TaskMeasure> ClassifyTrained::measures(const KeptRows& examples) const {
  return targets_.is_value() ? value_measures(examples) : class_measures(examples, "predicted");
}

void ClassifyTrained::predict_source(const ClassifySource& source, Sink& out) const {
  const ClassifyExamples encoded = encode(source, nullptr);
  ClassifyScores scores = score(model_, encoded, targets_, options_.use.batch, &source);
  combine_with_path(scores, model_, encoded);
  write_predictions(source, scores, targets_, out);
}

void ClassifyTrained::predict_edited(const DataFiles& data, const TextEdit& edit, Sink& out) const {
  predict_source(read(data, false).edited(edit), out);
}

void ClassifyTrained::predict(const DataFiles& data, Sink& out) const {
  const ClassifySource source = read(data, false);
  if (!group_thresholds_) return predict_source(source, out);
  std::vector<std::string> names;
  for (int64_t i = 0; i < source.size(); ++i) names.push_back(source.name(i));
  DecidedRows decided(*group_thresholds_, data, options_.use.decision_groups, std::move(names), out);
  predict_source(source, decided);
}

std::unique_ptr<ExplainableData> ClassifyTrained::explainable(const DataFiles& data) const {
  return std::make_unique<ClassifyRecords>(*this, read(data, false));
}

Description ClassifyTrained::describe() const {
  Description facts = encoder_.describe();
  if (targets_.is_value()) {
    facts.push_back({"target", std::string("value")});
    return facts;
  }
  facts.push_back({"classes", targets_.outputs()});
  constexpr size_t kShown = 20;
  facts.push_back({"labels", listed(targets_.classes().words(), kShown)});
  add_treatment(facts, options_.groups, group_thresholds_);
  return facts;
}

Assets ClassifyTrained::assets() const {
  Assets assets = encoder_.assets();
  assets["targets"] = targets_.to_text();
  if (baselines_) assets["baselines"] = baselines_->to_text();
  if (group_thresholds_) assets["group_thresholds"] = group_thresholds_->to_text();
  return assets;
}

}  // namespace recur
