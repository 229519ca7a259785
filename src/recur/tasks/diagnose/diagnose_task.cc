#include "recur/tasks/diagnose/diagnose_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/tasks/diagnose/diagnose_training.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

// All labels of each record in one text, so that records with the same ones are a group.
std::vector<std::string> answers_of(const SequenceSet& set) {
  std::vector<std::string> answers;
  for (const Sequence& record : set.sequences) answers.push_back(fmt::format("{}", fmt::join(record.labels, "|")));
  return answers;
}

// How many records have a label, by label.
struct Found {
  int64_t yes = 0, no = 0;
};
std::vector<Found> count_answers(const DiagnoseExamples& examples, int64_t labels) {
  std::vector<Found> found(static_cast<size_t>(labels));
  for (int64_t i = 0; i < examples.size(); ++i) {
    for (int64_t l = 0; l < labels; ++l) {
      const float answer = examples.answers_of(i)[l];
      found[l].yes += answer > 0 ? 1 : 0;
      found[l].no += answer == 0 ? 1 : 0;
    }
  }
  return found;
}

void check_answers(const DiagnoseExamples& examples, const LabelSet& labels) {
  const std::vector<Found> found = count_answers(examples, labels.size());
  for (int64_t l = 0; l < labels.size(); ++l) {
    if (found[l].yes > 0 && found[l].no > 0) continue;
    fail("label {}: expected training records with and without it, got {} with and {} without", labels.names()[l],
         found[l].yes, found[l].no);
  }
}

// Records with the same answers have one label; one without an answer has none.
Mitigation mitigation_of(const MitigationOptions& options, const DataFiles& files, const SequenceSet& set,
                         std::span<const int64_t> which, const DiagnoseExamples& train) {
  std::vector<std::string> names;
  for (const Sequence& record : set.sequences) names.push_back(record.id);
  std::map<std::vector<float>, int32_t> known;
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < train.size(); ++i) {
    const auto answers = train.answers_of(i);
    if (std::ranges::any_of(answers, [](float answer) { return std::isnan(answer); })) {
      labels.push_back(-1);
      continue;
    }
    const auto number = static_cast<int32_t>(known.size());
    labels.push_back(known.try_emplace({answers.begin(), answers.end()}, number).first->second);
  }
  return make_mitigation(options, files, names, which, std::move(labels));
}

void check_options(const DiagnoseOptions& options) {
  if (options.model.rnn.bidirectional) {
    fail_usage("bidirectional: not possible, as predictions at a step must not depend on later steps");
  }
}

void check_validation(const DiagnoseExamples& valid, const LabelSet& labels, const DiagnoseOptions& options) {
  const auto both = [](const Found& found) { return found.yes > 0 && found.no > 0; };
  const std::vector<Found> found = count_answers(valid, labels.predicted());
  if (options.loss.select == "loss" || std::ranges::any_of(found, both)) return;
  fail("expected a label with both yes and no in the validation data, got none: hold out more, or set select = loss");
}

}  // namespace

const TaskInfo& DiagnoseTask::info() const { return diagnose_info(); }

std::unique_ptr<Training> DiagnoseTask::train(const TrainingData& data, const TrainingStart& start) {
  check_options(options);
  // Written into the run's folder, from which it may be resumed elsewhere.
  for (std::string* path : {&options.use.labels_file, &options.data.gaps.normal_values, &options.groups.groups_file}) {
    *path = absolute_path(*path);
  }
  const auto* first = first_model<DiagnoseTrained>(start);
  const RecordEncoder* known = first != nullptr ? &first->encoder() : nullptr;
  const SequenceSet set = read_records(data.files, options, known, RecordLabels::kAll);
  std::string taken = taken_text(set);
  HoldOut drawn{.train = all_of(set.size()), .valid = {}};
  if (data.held_out) drawn = hold_out(answers_of(set), *data.held_out, start.seed);
  LabelSet labels = first != nullptr ? first->labels() : LabelSet::of(set, options.data.auxiliary);
  check_has_values(set, drawn.train);
  const auto records = std::make_shared<const GriddedRecords>(set, drawn.train, options.data.grid);
  RecordEncoder encoder = first != nullptr ? *known : RecordEncoder::fit(set, *records, options.data);
  DiagnoseParts parts{.train = encode_records(set, records, encoder, &labels), .valid = {}};
  if (first == nullptr) check_answers(parts.train, labels);  // what one answer is, such a model has learnt
  if (data.held_out) parts.valid = encode_records(set, drawn.valid, encoder, &labels);
  if (!data.valid.empty()) {
    const SequenceSet file = read_records(data.valid, options, known, RecordLabels::kAll);
    parts.valid = encode_records(file, all_of(file.size()), encoder, &labels);
  }
  if (parts.valid) check_validation(*parts.valid, labels, options);
  parts.mitigation = mitigation_of(options.groups, data.files, set, drawn.train, parts.train);
  DatasetPtr<EncodedRecord> learnt = parts.train.records;
  if (std::vector<int64_t> draws = parts.mitigation.draws(); !draws.empty()) learnt = subset(learnt, std::move(draws));
  ShuffledBatches<EncodedRecord> batches(std::move(learnt), {.batch = options.data.batch}, start);
  LastValues baseline = LastValues::fit(parts.train, labels);
  Random random(start.seed, kInitialValues);
  DiagnoseTrained trained(options, std::move(encoder), std::move(labels), random);
  trained.set_baseline(std::move(baseline));
  auto training = std::make_unique<DiagnoseTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(std::move(taken));
  return training;
}

std::unique_ptr<Trained> DiagnoseTask::restore(const Assets& assets, int64_t elements) const {
  DiagnoseOptions own = options;
  own.use.labels_file.clear();  // it was that of the training data
  LabelSet labels = read_asset(assets, "labels", &LabelSet::from_text);
  RecordEncoder encoder(assets, own.data);
  check_options(own);
  check_size(own.model, DiagnoseTrained::sizes_of(encoder, labels), elements);
  std::optional<LastValues> baseline;
  if (assets.contains("baselines")) {
    const int64_t features = 2 * encoder.channels() + encoder.statics();
    baseline = read_asset(assets, "baselines",
                          [&](const std::string& text) { return LastValues::from_text(text, labels, features); });
  }
  Random random(0);
  auto trained = std::make_unique<DiagnoseTrained>(own, std::move(encoder), std::move(labels), random);
  if (baseline) trained->set_baseline(*std::move(baseline));
  if (assets.contains("group_thresholds")) {
    trained->set_group_thresholds(read_asset(assets, "group_thresholds", &GroupThresholds::from_text));
  }
  return trained;
}

}  // namespace recur
