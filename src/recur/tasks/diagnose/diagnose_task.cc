#include "recur/tasks/diagnose/diagnose_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/tasks/diagnose/diagnose_loss.h"
#include "recur/tasks/diagnose/early_warning.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/metrics/bootstrap.h"

namespace recur {
namespace {

std::vector<int64_t> all_of(const SequenceSet& set) {
  std::vector<int64_t> all(set.sequences.size());
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

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
    fail("label {}: {} of the training records have it and {} do not: there is nothing to tell apart",
         labels.names()[l], found[l].yes, found[l].no);
  }
}

// What a reader would stumble over: records that say nothing.
void note_empty(const SequenceSet& set) {
  const auto empty = std::ranges::count_if(set.sequences, [](const Sequence& s) { return s.values.empty(); });
  if (empty > 0) log_warning("{} records have no measurement: they are taken as one step of normal values", empty);
}

}  // namespace

const TaskInfo& DiagnoseTask::info() const {
  static const TaskInfo info{.name = "diagnose",
                             .summary = "Diagnosis: measurements at any times to several labels, at every step",
                             .data = "records with labels: tables of a row a measurement or a row a time, JSON lines",
                             .unit = "records"};
  return info;
}

SequenceSet DiagnoseTask::read(const Paths& paths, bool need_labels) const {
  SequenceOptions reading =
      options.data.series.sequence_options(encoder_ ? &encoder_->columns() : nullptr, need_labels);
  if (!encoder_) {
    reading.columns.labels = options.data.labels;
    reading.columns.labels.insert(reading.columns.labels.end(), options.data.auxiliary.begin(),
                                  options.data.auxiliary.end());
  } else if (need_labels) {  // those that help in training are not asked for any more
    std::erase_if(reading.columns.labels, [&](const std::string& name) {
      return std::ranges::find(options.data.auxiliary, name) != options.data.auxiliary.end();
    });
  }
  reading.side_table = options.use.labels_file;
  SequenceSet set = read_sequences(paths, reading);
  for (const std::string& note : set.notes) log_warning("{}", note);
  note_empty(set);
  return set;
}

void DiagnoseTask::check_options() const {
  if (options.model.rnn.bidirectional) {
    fail_usage("bidirectional: what is predicted at a step must not hang on later ones");
  }
}

void DiagnoseTask::check_validation(const DiagnoseExamples& valid) const {
  const auto both = [](const Found& found) { return found.yes > 0 && found.no > 0; };
  const std::vector<Found> found = count_answers(valid, labels_->predicted());
  if (options.loss.select == "loss" || std::ranges::any_of(found, both)) return;
  fail("no label has both answers in the validation data: choose by select = loss, or hold out more");
}

void DiagnoseTask::start(const TrainingData& data, uint64_t seed) {
  check_options();
  encoder_.reset();
  // Written into the run's folder, from which it may be resumed elsewhere.
  for (std::string* path : {&options.use.labels_file, &options.data.gaps.normal_values}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).lexically_normal().string();
  }
  const SequenceSet set = read(data.paths, true);
  const auto fraction = data.held_out_fraction();
  HoldOut parts{.train = all_of(set), .valid = {}};
  if (fraction) parts = hold_out(answers_of(set), *fraction, seed);
  labels_ = LabelSet::of(set, options.data.auxiliary);
  RecordEncoder encoder = RecordEncoder::fit(set, parts.train, options.data);
  DiagnoseExamples examples = encode_records(set, parts.train, encoder, &*labels_);
  check_answers(examples, *labels_);

  std::optional<DiagnoseExamples> valid;
  if (fraction) {
    valid = encode_records(set, parts.valid, encoder, &*labels_);
  } else if (!data.valid.empty()) {
    const SequenceSet file = read({data.valid}, true);
    valid = encode_records(file, all_of(file), encoder, &*labels_);
  }
  if (valid) check_validation(*valid);
  encoder_ = std::move(encoder);

  ShuffledBatches batches(examples.lengths(), {.batch = options.data.batch}, seed);
  Random random(seed);
  model_.emplace(options.model, options.data.gaps, sizes(), random);
  training_ = std::make_unique<Training>(Training{std::move(examples), std::move(valid), std::move(batches), {}});
}

TrainingStep DiagnoseTask::step(bool trace_gradients) {
  if (training_ == nullptr) fail("diagnose: training has not been started");
  const auto chosen = training_->batches.next();
  training_->trace = {};
  const RecordBatch batch = make_batch(training_->examples, chosen.sequences, *encoder_, options.data.gaps);
  const Tensor logits = network()(batch, training_->batches.dropout(), trace_gradients ? &training_->trace : nullptr);
  const DiagnoseLoss loss = diagnose_loss(logits, training_->examples, chosen.sequences, *labels_, options.loss);
  return {.objective = loss.objective,
          .loss = loss.loss,
          .examples = std::ssize(chosen.sequences),
          .ends_epoch = chosen.ends_pass};
}

DiagnoseReading DiagnoseTask::reading() {
  network().evaluate();
  return {.model = network(),
          .encoder = *encoder_,
          .labels = *labels_,
          .gaps = options.data.gaps,
          .batch = options.use.batch};
}

Criterion DiagnoseTask::criterion() const {
  const std::string& select = options.loss.select;
  if (select == "loss") return {.metric = select, .higher_is_better = false};
  return {.metric = labels_->predicted() > 1 ? "macro_" + select : select, .higher_is_better = true};
}

Evaluation DiagnoseTask::validate() {
  if (!has_validation()) fail("diagnose: there are no validation data");
  const DiagnoseExamples& examples = *training_->valid;
  const DiagnoseScores scores = score(reading(), examples);
  network().train();
  labels_->set_thresholds(best_thresholds(last_step(scores, examples)));
  return measure(scores, examples, *labels_);
}

Assets DiagnoseTask::assets() const {
  Assets assets = encoder_->assets();
  assets["labels"] = labels_->to_text();
  return assets;
}

void DiagnoseTask::restore(const Assets& assets, int64_t elements) {
  const auto labels = assets.find("labels");
  if (labels == assets.end()) fail("the model lacks its labels");
  labels_ = LabelSet::from_text(labels->second);
  encoder_ = RecordEncoder(assets, options.data);
  training_ = nullptr;
  options.use.labels_file.clear();  // it was that of the training data
  check_options();
  check_size(options.model, sizes(), elements);
  Random random(0);
  model_.emplace(options.model, options.data.gaps, sizes(), random);
}

Evaluation DiagnoseTask::evaluate(const Paths& paths) {
  const SequenceSet set = read(paths, true);
  const DiagnoseExamples examples = encode_records(set, all_of(set), *encoder_, &*labels_);
  const DiagnoseScores scores = score(reading(), examples);
  Evaluation result = measure(scores, examples, *labels_);
  const LabelScores last = last_step(scores, examples);
  if (options.use.bootstrap > 0) {
    result.tables.push_back(bootstrap_intervals(examples.size(), {.samples = options.use.bootstrap}, [&](Rows rows) {
      return multilabel_metrics(last, labels_->thresholds(), rows);
    }));
  }
  result.tables.push_back(label_table(last, *labels_));
  result.tables.push_back(step_table(scores, examples, options.data.grid.step));
  result.tables.push_back(warning_table(scores, examples, *labels_, options.data.grid.step));
  return result;
}

void DiagnoseTask::predict(const Paths& paths, RowSink& rows) {
  const SequenceSet set = read(paths, false);
  const DiagnoseExamples examples = encode_records(set, all_of(set), *encoder_, nullptr);
  const DiagnoseScores scores = score(reading(), examples);
  write_predictions(set, scores, *labels_, options.use.every_step ? &options.data.grid : nullptr, rows);
}

Description DiagnoseTask::describe() const {
  Description facts = encoder_->describe();
  facts.push_back({"labels", labels_->predicted()});
  const std::span<const std::string> names(labels_->names());
  facts.push_back({"predicts", fmt::format("{}", fmt::join(names.first(labels_->predicted()), ", "))});
  return facts;
}

DiagnoseSizes DiagnoseTask::sizes() const {
  return {.channels = encoder_->channels(), .statics = encoder_->statics(), .labels = labels_->size()};
}

DiagnoseModel& DiagnoseTask::network() {
  if (!model_) fail("diagnose: there is no model yet");
  return *model_;
}

const DiagnoseTask::Training& DiagnoseTask::training() const {
  if (training_ == nullptr) fail("diagnose: training has not been started");
  return *training_;
}

}  // namespace recur
