#include "recur/tasks/classify/classify_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/text/word_vectors.h"
#include "recur/tasks/classify/class_weights.h"
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
  const std::string text = validation_alone_text(of_train, of_valid, "label", "labels");
  if (!text.empty()) log_warning("{}", text);
}

// Rare classes may be right, but most often another column was meant.
void warn_of_many_classes(const Targets& targets, size_t examples) {
  constexpr size_t kFewest = 10;
  if (targets.is_value() || examples < kFewest || static_cast<size_t>(targets.outputs()) * 2 <= examples) return;
  log_warning("{} classes for {} training examples: is {} a label?", targets.outputs(), examples,
              quoted_cell(targets.classes().word(0)));
}

// Texts without spaces are no words, but sequences of characters, such as DNA, or names.
void choose_tokens(TokenizerOptions& tokens, const ClassifySource& source, std::span<const int64_t> train) {
  constexpr size_t kLooked = 1000;
  if (tokens.kind != "auto") return;
  tokens.kind = "words";
  if (!source.is_text() || train.empty()) return;
  size_t spaced = 0, letters = 0;
  const auto looked = train.first(std::min(kLooked, train.size()));
  for (const int64_t i : looked) {
    const Loaded<TextRow> row = source.texts().load(i);
    const std::string_view text = trimmed(row->text);
    spaced += text.find_first_of(" \t\n") != std::string_view::npos ? 1 : 0;
    letters += text.size();
  }
  if (spaced > 0 || letters < 3 * looked.size()) return;
  tokens.kind = "chars";
  log_info("the texts have no spaces, so a symbol is a character; with tokens = words it is a word");
}

// How much of a sequence the network reads.
void choose_length(ClassifyDataOptions& data, const ClassifySource& source) {
  constexpr int64_t kMostWords = 256, kMostCharacters = 1024;
  const bool text = source.is_text(), words = data.tokens.kind == "words" || data.tokens.kind == "subwords";
  if (!data.most_steps) data.most_steps = !text ? 0 : words ? kMostWords : kMostCharacters;
  if (data.keep == "auto") data.keep = text ? "ends" : "start";
  if (!text && data.keep == "ends") fail_usage("keep: expected start for series of numbers, got ends");
}

void say_what_is_cut(const ClassifyExamples& train, const ClassifyDataOptions& data) {
  if (train.cut == 0) return;
  log_info("{} of {} texts have more than {} symbols: of these the network reads {} (most_steps, keep)", train.cut,
           train.size(), *data.most_steps,
           data.keep == "ends" ? "a quarter of that from the start and the rest from the end" : "the start");
}

// Of long texts there are fewer in a batch, so that a step takes about as long and a pass has more of them.
BucketOptions batches_of(const ClassifyDataOptions& data) {
  constexpr int64_t kUsualWords = 128, kUsualCharacters = 512;
  BucketOptions batches{.batch = *data.batch};
  if (data.input != "text") return batches;
  const bool words = data.tokens.kind == "words" || data.tokens.kind == "subwords";
  batches.most_steps = *data.batch * (words ? kUsualWords : kUsualCharacters);
  return batches;
}

// Of long texts fewer passes: what the network adds to the linear path it learns in the first ones.
double text_epochs(const ClassifyExamples& train, int64_t batches_per_pass) {
  constexpr double kMostSymbols = 5e6, kLeastPasses = 2;
  double symbols = 1;
  for (const int64_t length : lengths_of(*train.sequences)) symbols += static_cast<double>(length);
  return std::min(usual_epochs(batches_per_pass), std::max(std::ceil(kMostSymbols / symbols), kLeastPasses));
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

// Symbols of sequences that are all of one length, such as aligned DNA, mean something by where they stand.
void choose_positions(ClassifyModelOptions& model, const SequenceEncoder& encoder, const ClassifyExamples& train) {
  constexpr int64_t kLongest = 1000;
  if (model.positions) return;
  model.positions = 0;
  if (!encoder.is_text()) return;
  const std::string_view kind = encoder.tokenizer().kind();
  const std::vector<int64_t> lengths = lengths_of(*train.sequences);
  const int64_t steps = lengths.empty() ? 0 : lengths[0];
  const bool fixed = steps > 1 && steps <= kLongest && std::ranges::count(lengths, steps) == std::ssize(lengths);
  if ((kind != "chars" && kind != "bytes") || !fixed || lengths.size() < 2) return;
  model.positions = steps;
  log_info("all texts have {} symbols: each step has an embedding of its position (positions = 0: none)", steps);
}

// Character n-grams are for texts of few words: in long ones they say less than the words do, and take longer.
int64_t usual_characters(const SequenceEncoder& encoder, const ClassifyExamples& train) {
  constexpr double kFewWords = 100;
  constexpr int64_t kLongest = 5;
  const std::string_view kind = encoder.tokenizer().kind();
  if (kind == "chars" || kind == "bytes") return 0;
  double steps = 0;
  for (const int64_t length : lengths_of(*train.sequences)) steps += static_cast<double>(length);
  return steps <= kFewWords * static_cast<double>(train.size()) ? kLongest : 0;
}

// The linear path learns by itself, from weights of examples at most.
void leave_out_path(ClassifyModelOptions& model, const ClassifySource& source, std::string_view mitigation) {
  const std::string_view name = source.is_text() ? "ngrams" : "random_kernels";
  std::optional<int64_t>& path = source.is_text() ? model.ngrams : model.random_kernels;
  if (path.value_or(0) > 0) {
    fail_usage("{}: expected 0 with mitigate = {}, which this path does not support", name, mitigation);
  }
  if (!path)
    log_info("mitigate = {}: the linear path ({}) is left out, since it does not support this", mitigation, name);
  path = 0;
}

// How the groups of the training examples `which` of the source are treated alike.
Mitigation mitigation_of(ClassifyOptions& options, const DataFiles& files, const ClassifySource& source,
                         std::span<const int64_t> which, const ClassifyExamples& train, const Targets& targets) {
  const std::string& kind = options.groups.kind;
  if (kind == "reweighing" && targets.is_value()) {
    fail_usage("mitigate = reweighing: expected labels that are classes, got values");
  }
  if (kind == "balanced" || kind == "group-dro" || kind == "parity") leave_out_path(options.model, source, kind);
  std::vector<std::string> names;
  if (kind != "none") {
    for (int64_t i = 0; i < source.size(); ++i) names.push_back(source.name(i));
  }
  std::vector<int32_t> labels;
  for (const float target : train.targets) labels.push_back(targets.is_value() ? -1 : static_cast<int32_t>(target));
  return make_mitigation(options.groups, files, names, which, std::move(labels));
}

// The linear path of texts and classes, as learnt from the training part and from the validation part as well.
struct PathFits {
  NgramFit of_train;
  std::optional<NgramFit> of_all;
};

// Learns it, and sets its options. `held_out`: the validation part, where it is one of the source; else empty.
PathFits fit_path(ClassifyModelOptions& model, const ClassifySource& source, std::span<const int64_t> which,
                  std::span<const int64_t> held_out, const SequenceEncoder& encoder, const ClassifyParts& examples,
                  const Targets& targets, uint64_t seed) {
  constexpr int64_t kMostNgrams = 1 << 25;  // 128 MB
  if (!encoder.is_text() || targets.is_value()) model.ngrams = model.ngram_characters = 0;
  if (model.ngrams == 0) return {};
  if (!model.ngram_characters) model.ngram_characters = usual_characters(encoder, examples.train);
  const SequenceEncoder::NgramChoice kinds{.longest_characters = *model.ngram_characters,
                                           .places = model.positions.value_or(0) > 0};
  NgramTexts texts;
  const auto add = [&](std::span<const int64_t> added, const std::vector<float>& classes) {
    for (size_t i = 0; i < added.size(); ++i) {
      if (std::ssize(texts.hashes) >= kMostNgrams) return i;
      const auto of_class = static_cast<int32_t>(classes[i]);
      if (of_class < targets.outputs()) texts.add(encoder.ngrams(*source.texts().load(added[i]), kinds), of_class);
    }
    return added.size();
  };
  const size_t read = add(which, examples.train.targets);
  const bool complete = read == which.size();
  if (!complete) log_info("the n-grams are learnt from the first {} of {} texts", read, which.size());
  const NgramFitOptions options{
      .classes = targets.outputs(), .buckets = model.ngrams, .weights = examples.weights, .seed = seed};
  const NgramChoice choice = choose_ngrams(texts, options);
  model.ngrams = choice.buckets;
  PathFits fits{.of_train = fit_ngrams(texts, choice, options), .of_all = {}};
  // Weights are those of training examples alone.
  if (!complete || held_out.empty() || !examples.weights.empty()) return fits;
  add(held_out, examples.valid->targets);
  fits.of_all = fit_ngrams(texts, choice, options);
  return fits;
}

// The linear path of series and classes.
void choose_kernels(ClassifyModelOptions& model, const Targets& targets, const std::optional<SeriesSize>& size,
                    int64_t examples) {
  constexpr int64_t kUsual = 2016, kFewest = 10, kLongest = 50'000;
  const bool fits = size && !targets.is_value() && examples >= kFewest;
  if (!fits && model.random_kernels.value_or(0) > 0) {
    fail_usage("random_kernels: expected 0, as this path needs {} series or more, and classes", kFewest);
  }
  if (!model.random_kernels) model.random_kernels = fits && size->most_steps <= kLongest ? kUsual : 0;
  if (!model.kernel_steps) model.kernel_steps = size ? std::max<int64_t>(size->most_steps, 1) : 1;
}

// [N, C] of a path that was fitted to all the sequences, each by what it learnt from others. The path of a first model
// stays as it is: where it has learnt from these very sequences it is the fitted one, else it has not seen them.
std::vector<float> scores_of_folds(const KernelPath& fitted, const KernelPath::Fit& fit,
                                   const Dataset<EncodedSequence>& sequences, const ClassifyTrained* first) {
  if (first != nullptr) {
    std::vector<float> known = first->network().kernels()->scores(sequences);
    if (known != fitted.scores(sequences)) return known;
  }
  return fitted.unseen_scores(sequences, fit);
}

// Throws Error naming the place of a label that is none of the classes, which are settled.
void check_classes(const Targets& targets, const ClassifySource& source, std::span<const int64_t> which) {
  if (targets.is_value()) return;
  for (const int64_t i : which) targets.encode(source.label(i), source.where_label(i));
}

// Puts vectors from a file in the place of the words' initial ones.
void load_vectors(ClassifyTrained& trained) {
  if (!trained.encoder().is_text()) fail_usage("vectors: word vectors need texts, got series of numbers");
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
  for (std::string* path : {&options.use.labels_file, &options.model.vectors, &options.groups.groups_file}) {
    *path = absolute_path(*path);
  }
  const auto* first = first_model<ClassifyTrained>(start);
  ClassifySource::Reading reading = first != nullptr ? first->reading() : ClassifySource::Reading{};
  reading.labels_file = options.use.labels_file;
  const ClassifySource source = ClassifySource::read(data.files, options.data, reading);
  HoldOut parts{.train = all_of(source.size()), .valid = {}};
  if (data.held_out) parts = hold_out(labels_of(source, parts.train), *data.held_out, start.seed);
  choose_tokens(options.data.tokens, source, parts.train);
  choose_length(options.data, source);
  SequenceEncoder encoder =
      first != nullptr ? first->encoder() : SequenceEncoder::fit(source, parts.train, options.data);
  // What is validated on: a part of the source, or files of its own.
  const std::vector<std::string> train_labels = labels_of(source, parts.train);
  std::optional<ClassifySource> valid;
  if (data.held_out) valid = source;
  if (!data.valid.empty()) {
    reading.columns = encoder.columns();
    reading.text_columns = encoder.text_columns();
    reading.chosen = false;
    valid = ClassifySource::read(data.valid, options.data, reading);
    parts.valid = all_of(valid->size());
  }
  const std::vector<std::string> valid_labels = valid ? labels_of(*valid, parts.valid) : std::vector<std::string>{};
  const bool stated_values = options.data.target == "auto" && !source.is_text() && source.series().stated_values;
  Targets targets = first != nullptr ? first->targets()
                                     : Targets::fit(train_labels, stated_values ? "value" : options.data.target,
                                                    valid_labels, options.data.classes);
  if (first != nullptr || !options.data.classes.empty()) {
    check_classes(targets, source, parts.train);
    if (valid) check_classes(targets, *valid, parts.valid);
  }
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
    if (first == nullptr) encoder = SequenceEncoder::fit(source, all, options.data);
    examples.train = encode_examples(source, all, encoder, &targets);
  } else {
    examples.train = encode_examples(source, parts.train, encoder, &targets);
    say_what_is_cut(examples.train, options.data);
    if (valid) examples.valid = encode_examples(*valid, parts.valid, encoder, &targets);
  }
  ClassifyBaselines baselines = ClassifyBaselines::fit(examples.train, targets);
  choose_positions(options.model, encoder, examples.train);
  const bool folded = !examples.folds.empty();
  examples.mitigation =
      mitigation_of(options, data.files, source, folded ? all_of(source.size()) : parts.train, examples.train, targets);
  examples.weights = examples.mitigation.weights();
  if (!targets.is_value()) {
    examples.weights = example_weights(examples.train.targets, targets.outputs(), options.loss.class_weights,
                                       std::move(examples.weights));
  }
  PathFits path;
  if (first == nullptr) {
    path = fit_path(options.model, source, parts.train, data.held_out ? parts.valid : std::vector<int64_t>{}, encoder,
                    examples, targets, start.seed);
    choose_kernels(options.model, targets, size, examples.train.size());
  }
  Random random(start.seed, kInitialValues);
  ClassifyTrained trained(options, std::move(encoder), std::move(targets), random);
  trained.set_baselines(std::move(baselines));
  if (NgramPath* ngrams = trained.network().ngrams(); ngrams != nullptr && first == nullptr) {
    ngrams->set(path.of_train);
  } else if (KernelPath* kernels = trained.network().kernels(); kernels != nullptr && (first == nullptr || folded)) {
    const ClassifyExamples& train = examples.train;
    const KernelPath::Fit fit = kernels->fit(train.sequences, train.targets, examples.weights, start.seed);
    if (folded) examples.train.path_scores = scores_of_folds(*kernels, fit, *train.sequences, first);
  }
  if (examples.valid) {
    const ClassifyTrained& with_path = first != nullptr ? *first : trained;
    examples.valid->path_scores = with_path.path_scores(*valid, parts.valid, *examples.valid->sequences);
  }
  if (path.of_all) trained.network().ngrams()->set(*path.of_all);
  if (!options.model.vectors.empty() && first == nullptr) load_vectors(trained);
  DatasetPtr<EncodedSequence> drawn = examples.train.sequences;
  if (std::vector<int64_t> draws = examples.mitigation.draws(); !draws.empty()) drawn = subset(drawn, std::move(draws));
  ShuffledBatches<EncodedSequence> batches(std::move(drawn), batches_of(options.data), start);
  const double epochs = size ? series_epochs(options, *size) : text_epochs(examples.train, batches.batches_per_pass());
  auto training =
      std::make_unique<ClassifyTraining>(std::move(trained), std::move(examples), std::move(batches), epochs);
  training->set_taken(source.taken());
  return training;
}

std::unique_ptr<Trained> ClassifyTask::restore(const Assets& assets, int64_t elements) const {
  ClassifyOptions own = options;
  own.use.labels_file.clear();                                 // it was that of the training data
  if (own.model.network == "auto") own.model.network = "rnn";  // of a model of 0.1.0
  Targets targets = read_asset(assets, "targets", &Targets::from_text);
  SequenceEncoder encoder(assets, own.data);
  ClassifyModelOptions& model = own.model;
  if (own.data.keep == "auto") own.data.keep = "start";  // as it was before there was a choice
  for (auto* part : {&model.ngrams, &model.ngram_characters, &model.positions, &model.random_kernels}) {
    *part = part->value_or(0);
  }
  if (model.random_kernels > 0 && !model.kernel_steps) fail("the model file lacks a value of kernel_steps");
  if (model.pooling == "auto" || !model.dropout || !model.conv || !model.stride) {
    fail("the model file lacks a value of pooling, dropout, conv or stride");
  }
  if (model.has_filters() && (!model.filters || !model.filter_stride)) {
    fail("the model file lacks a value of filters or filter_stride");
  }
  if (model.has_mlp() && !model.mlp_steps) fail("the model file lacks a value of mlp_steps");
  check_ensemble_size(model, ClassifyTrained::sizes_of(encoder, targets), elements);
  std::optional<ClassifyBaselines> baselines;
  if (assets.contains("baselines")) {
    baselines = read_asset(assets, "baselines",
                           [&](const std::string& text) { return ClassifyBaselines::from_text(text, targets); });
  }
  Random random(0);
  auto trained = std::make_unique<ClassifyTrained>(own, std::move(encoder), std::move(targets), random);
  if (baselines) trained->set_baselines(*std::move(baselines));
  if (assets.contains("group_thresholds")) {
    trained->set_group_thresholds(read_asset(assets, "group_thresholds", &GroupThresholds::from_text));
  }
  return trained;
}

}  // namespace recur
