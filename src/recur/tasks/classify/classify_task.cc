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
#include "recur/tasks/classify/series_defaults.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

constexpr float kTextDropout = 0.5f;
constexpr int64_t kTextBatch = 32;

SeriesSize size_of(const SequenceSet& set, std::span<const int64_t> train, int64_t features) {
  SeriesSize size{.count = std::ssize(train), .features = features};
  double steps = 0;
  for (const int64_t i : train) {
    const int64_t length = set.length(set.sequences[static_cast<size_t>(i)]);
    steps += static_cast<double>(length);
    size.most_steps = std::max(size.most_steps, length);
  }
  size.mean_steps = steps / static_cast<double>(std::max<int64_t>(size.count, 1));
  return size;
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

void choose_text_defaults(ClassifyOptions& options) {
  ClassifyModelOptions& model = options.model;
  if (model.network == "auto") model.network = "rnn";
  if (model.network == "mlp") fail_usage("network = mlp: expected series of numbers, got texts");
  if (model.pooling == "auto") model.pooling = "max";
  if (!model.conv) model.conv = std::vector<int64_t>{};
  if (!model.stride) model.stride = 1;
  if (!model.dropout) model.dropout = kTextDropout;
  if (!model.filters) model.filters = std::vector<int64_t>{128, 256, 128};
  if (!model.filter_stride) model.filter_stride = 1;
  if (!model.members) model.members = 1;
  if (!options.data.batch) options.data.batch = kTextBatch;
  options.augment.kinds = {"none"};
}

// Sets what the options leave open.
void choose_defaults(ClassifyOptions& options, const ClassifySource& source, const std::optional<SeriesSize>& size,
                     const Targets& targets) {
  const bool text = source.is_text();
  options.data.input = text ? "text" : "series";
  options.data.target = targets.is_value() ? "value" : "class";
  if (text) {
    choose_text_defaults(options);
  } else {
    const std::string chosen = choose_series_defaults(options, *size);
    if (!chosen.empty()) log_info("{}", chosen);
  }
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
  std::optional<SeriesSize> size;
  if (!source.is_text()) size = size_of(source.series(), parts.train, encoder.features());
  choose_defaults(options, source, size, targets);
  if (!targets.is_value()) warn_of_labels_of_validation(train_labels, valid_labels);

  ClassifyParts examples;
  const int64_t members = *options.model.members;
  if (data.held_out && !source.is_text() && source.in_memory() && members > 1) {
    const std::vector<int64_t> all = all_of(source.size());
    for (HoldOut& fold : folds(labels_of(source, all), *data.held_out, members, start.seed)) {
      examples.folds.push_back(std::move(fold.valid));
    }
    encoder = SequenceEncoder::fit(source, all, options.data);
    examples.train = encode_examples(source, all, encoder, &targets);
  } else {
    examples.train = encode_examples(source, parts.train, encoder, &targets);
    if (valid) examples.valid = encode_examples(*valid, parts.valid, encoder, &targets);
  }
  Random random(start.seed, kInitialValues);
  ClassifyTrained trained(options, std::move(encoder), std::move(targets), random);
  if (!options.model.vectors.empty()) load_vectors(trained);
  ShuffledBatches<EncodedSequence> batches(examples.train.sequences, {.batch = *options.data.batch}, start);
  auto training =
      std::make_unique<ClassifyTraining>(std::move(trained), std::move(examples), std::move(batches),
                                         size ? std::optional(series_epochs(options, *size)) : std::nullopt);
  training->set_taken(source.taken());
  return training;
}

std::unique_ptr<Trained> ClassifyTask::restore(const Assets& assets, int64_t elements) const {
  ClassifyOptions own = options;
  own.use.labels_file.clear();                                 // it was that of the training data
  if (own.model.network == "auto") own.model.network = "rnn";  // of a model of 0.1.0
  Targets targets = read_asset(assets, "targets", &Targets::from_text);
  SequenceEncoder encoder(assets, own.data);
  const ClassifyModelOptions& model = own.model;
  if (model.pooling == "auto" || !model.dropout || !model.conv || !model.stride) {
    fail("the model file lacks a value of pooling, dropout, conv or stride");
  }
  if (model.has_filters() && (!model.filters || !model.filter_stride)) {
    fail("the model file lacks a value of filters or filter_stride");
  }
  if (model.has_mlp() && !model.mlp_steps) fail("the model file lacks a value of mlp_steps");
  check_ensemble_size(model, ClassifyTrained::sizes_of(encoder, targets), elements);
  Random random(0);
  return std::make_unique<ClassifyTrained>(own, std::move(encoder), std::move(targets), random);
}

}  // namespace recur
