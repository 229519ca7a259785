#include "recur/tasks/classify/classify_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/text/word_vectors.h"
#include "recur/tasks/classify/classify_training.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

using Widths = std::vector<int64_t>;

constexpr float kTextDropout = 0.5f, kSeriesDropout = 0.2f;
constexpr double kShort = 50;          // steps that recurrent layers do well with alone
const Widths kLongConv{64, 128, 128};  // of longer series; docs/classify.md says how it was chosen

double mean_length(const SequenceSet& set) {
  double steps = 0;
  for (const Sequence& sequence : set.sequences) steps += static_cast<double>(set.length(sequence));
  return steps / static_cast<double>(std::max<int64_t>(set.size(), 1));
}

std::vector<std::string> labels_of(const ClassifySource& source, std::span<const int64_t> which) {
  std::vector<std::string> labels;
  for (const int64_t i : which) labels.push_back(source.label(i));
  return labels;
}

void warn_of_labels_of_validation(const std::vector<std::string>& train, const std::vector<std::string>& valid) {
  LabelCounts of_train, of_valid;
  for (const std::string& label : train) ++of_train[label];
  for (const std::string& label : valid) ++of_valid[label];
  const std::string text = validation_alone_text(of_train, of_valid, "labels");
  if (!text.empty()) log_warning("{}", text);
}

// Rare classes may be right, but most often another column was meant.
void warn_of_many_classes(const Targets& targets, size_t examples) {
  constexpr size_t kFewest = 10;
  if (targets.is_value() || examples < kFewest || static_cast<size_t>(targets.outputs()) * 2 <= examples) return;
  log_warning("{} classes for {} training examples: is {} a label?", targets.outputs(), examples,
              quoted_cell(targets.classes().word(0)));
}

// Sets what the options leave open.
void choose_defaults(ClassifyOptions& options, const ClassifySource& source, const Targets& targets) {
  const bool text = source.is_text();
  options.data.input = text ? "text" : "series";
  options.data.target = targets.is_value() ? "value" : "class";
  ClassifyModelOptions& model = options.model;
  if (model.pooling == "auto") model.pooling = text ? "max" : "mean";
  const bool is_long = !text && mean_length(source.series()) > kShort;
  if (!model.conv) model.conv = is_long ? kLongConv : Widths{};
  if (!model.stride) model.stride = is_long ? 2 : 1;
  if (!model.dropout) model.dropout = text ? kTextDropout : kSeriesDropout;
  std::string& select = options.loss.select;
  if (select == "auto") select = targets.is_value() ? "loss" : "accuracy";
  if (targets.is_value() && select != "loss")
    fail_usage("select: expected loss, as the labels are values, got {}", select);
}

// Puts vectors from a file in the place of the words' initial ones.
void load_vectors(ClassifyTrained& trained) {
  if (!trained.encoder().is_text())
    fail_usage("vectors: expected texts, as word vectors are given, got series of numbers");
  const Tokenizer& tokenizer = trained.encoder().tokenizer();
  const auto id_of = [&](std::string_view word) -> std::optional<int32_t> {
    const std::vector<int32_t> ids = tokenizer.encode(word);
    return ids.size() == 1 && ids[0] != tokenizer.unknown() ? std::optional(ids[0]) : std::nullopt;
  };
  const std::string& path = trained.options().model.vectors;
  WordVectorsRead read;
  for (const ClassifyModel& member : trained.network().members()) {
    read = read_word_vectors(path, id_of, member.embedding()->weight);
  }
  if (const std::string note = read.note(path); !note.empty()) log_info("{}", note);
  log_info("{}: found pretrained vectors for {} of {} symbols", path, read.found, tokenizer.size());
}

}  // namespace

const TaskInfo& ClassifyTask::info() const { return classify_info(); }

std::unique_ptr<Training> ClassifyTask::train(const TrainingData& data, const TrainingStart& start) {
  // Written into the run's folder, from which it may be resumed elsewhere.
  for (std::string* path : {&options.use.labels_file, &options.model.vectors}) *path = absolute_path(*path);
  const ClassifySource source =
      ClassifySource::read(data.files, options.data, {.labels_file = options.use.labels_file});
  HoldOut parts{.train = all_of(source.size()), .valid = {}};
  if (data.held_out) parts = hold_out(labels_of(source, parts.train), *data.held_out, start.seed);
  SequenceEncoder encoder = SequenceEncoder::fit(source, parts.train, options.data);
  // What is validated on: a part of the source, or files of its own.
  const std::vector<std::string> train_labels = labels_of(source, parts.train);
  std::optional<ClassifySource> valid;
  if (data.held_out) valid = source;
  if (!data.valid.empty()) {
    valid = ClassifySource::read(data.valid, options.data,
                                 {.columns = encoder.columns(),
                                  .labels_file = options.use.labels_file,
                                  .chosen = false,
                                  .text_columns = encoder.text_columns()});
    parts.valid = all_of(valid->size());
  }
  const std::vector<std::string> valid_labels = valid ? labels_of(*valid, parts.valid) : std::vector<std::string>{};
  const bool stated_values = options.data.target == "auto" && !source.is_text() && source.series().stated_values;
  Targets targets = Targets::fit(train_labels, stated_values ? "value" : options.data.target, valid_labels);
  warn_of_many_classes(targets, train_labels.size());
  choose_defaults(options, source, targets);
  if (!targets.is_value()) warn_of_labels_of_validation(train_labels, valid_labels);

  ClassifyParts examples{.train = encode_examples(source, parts.train, encoder, &targets), .valid = {}};
  if (valid) examples.valid = encode_examples(*valid, parts.valid, encoder, &targets);
  Random random(start.seed, kInitialValues);
  ClassifyTrained trained(options, std::move(encoder), std::move(targets), random);
  if (!options.model.vectors.empty()) load_vectors(trained);
  ShuffledBatches<EncodedSequence> batches(examples.train.sequences, {.batch = options.data.batch}, start);
  auto training = std::make_unique<ClassifyTraining>(std::move(trained), std::move(examples), std::move(batches));
  training->set_taken(source.taken());
  return training;
}

std::unique_ptr<Trained> ClassifyTask::restore(const Assets& assets, int64_t elements) const {
  ClassifyOptions own = options;
  own.use.labels_file.clear();  // it was that of the training data
  Targets targets = read_asset(assets, "targets", &Targets::from_text);
  SequenceEncoder encoder(assets, own.data);
  const ClassifyModelOptions& model = own.model;
  if (model.pooling == "auto" || !model.dropout || !model.conv || !model.stride) {
    fail("the model file lacks a value of pooling, dropout, conv or stride");
  }
  check_ensemble_size(model, ClassifyTrained::sizes_of(encoder, targets), elements);
  Random random(0);
  return std::make_unique<ClassifyTrained>(own, std::move(encoder), std::move(targets), random);
}

}  // namespace recur
