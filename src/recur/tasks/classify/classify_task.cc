#include "recur/tasks/classify/classify_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/text/word_vectors.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/losses.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/tasks/classify/classify_score.h"

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

// Of each example, with mean 1.
std::vector<float> loss_weights(const std::vector<float>& classes, int64_t count, const std::string& kind) {
  if (kind == "none") return {};
  std::vector<double> frequency(static_cast<size_t>(count), 0), weight(frequency);
  for (const float c : classes) ++frequency[static_cast<size_t>(c)];
  double sum = 0;
  for (size_t c = 0; c < weight.size(); ++c) {
    weight[c] = frequency[c] == 0 ? 0 : std::pow(frequency[c], kind == "sqrt" ? -0.5 : -1.0);
    sum += weight[c] * frequency[c];
  }
  std::vector<float> result;
  for (const float c : classes) {
    result.push_back(static_cast<float>(weight[static_cast<size_t>(c)] * static_cast<double>(classes.size()) / sum));
  }
  return result;
}

}  // namespace

const TaskInfo& ClassifyTask::info() const {
  static const TaskInfo info{
      .name = "classify",
      .summary = "Classification and regression: a text or series to its class or value",
      .data = "labelled texts or series: CSV, TSV, JSON lines, plain lines, .ts, .npy, .npz, IDX",
      .unit = "sequences"};
  return info;
}

ClassifySource ClassifyTask::read(const Paths& paths, bool need_labels) const {
  ClassifySource::Reading how{.labels_file = options.use.labels_file, .chosen = !encoder_, .need_labels = need_labels};
  if (encoder_) how.columns = encoder_->columns();
  if (encoder_ && targets_) how.known_labels = targets_->classes().words();
  return ClassifySource::read(paths, options.data, how);
}

void ClassifyTask::choose_defaults(const ClassifySource& source) {
  const bool text = source.is_text();
  options.data.input = text ? "text" : "series";
  options.data.target = targets_->is_value() ? "value" : "class";
  ClassifyModelOptions& model = options.model;
  if (model.pooling == "auto") model.pooling = text ? "max" : "mean";
  const bool is_long = !text && mean_length(source.series()) > kShort;
  if (!model.conv) model.conv = is_long ? kLongConv : Widths{};
  if (!model.stride) model.stride = is_long ? 2 : 1;
  if (!model.dropout) model.dropout = text ? kTextDropout : kSeriesDropout;
  std::string& select = options.loss.select;
  if (select == "auto") select = targets_->is_value() ? "loss" : "accuracy";
  if (targets_->is_value() && select != "loss") fail_usage("select: of values there is the loss alone, got {}", select);
}

void ClassifyTask::start(const TrainingData& data, uint64_t seed) {
  encoder_.reset();
  // Written into the run's folder, from which it may be resumed elsewhere.
  for (std::string* path : {&options.use.labels_file, &options.model.vectors}) {
    if (!path->empty()) *path = std::filesystem::absolute(*path).lexically_normal().string();
  }
  const ClassifySource source = read(data.paths, true);
  const auto fraction = data.held_out_fraction();
  HoldOut parts{.train = all_of(source), .valid = {}};
  if (fraction) parts = hold_out(source, *fraction, seed);
  targets_ = Targets::fit(labels_of(source, parts.train), options.data.target);
  choose_defaults(source);
  encoder_ = SequenceEncoder::fit(source, parts.train, options.data);

  std::optional<ClassifyExamples> valid;
  if (fraction) valid = encode_examples(source, parts.valid, *encoder_, &*targets_);
  if (!fraction && !data.valid.empty()) {
    const ClassifySource file = read({data.valid}, true);
    valid = encode_examples(file, all_of(file), *encoder_, &*targets_);
  }
  ClassifyExamples examples = encode_examples(source, parts.train, *encoder_, &*targets_);
  std::vector<float> weights;
  if (!targets_->is_value()) weights = loss_weights(examples.targets, targets_->outputs(), options.loss.class_weights);
  ShuffledBatches batches(examples.lengths(), {.batch = options.data.batch}, seed);

  Random random(seed);
  model_.emplace(options.model, sizes(), random);
  if (!options.model.vectors.empty()) load_vectors();
  training_ = std::make_unique<Training>(
      Training{std::move(examples), std::move(valid), std::move(batches), std::move(weights), {}});
}

Tensor ClassifyTask::loss(const Tensor& out, std::span<const int32_t> which) const {
  std::vector<float> targets;
  for (const int32_t i : which) targets.push_back(training().examples.targets[i]);
  if (targets_->is_value()) {
    return mse(out, cast(Tensor::from(targets, {std::ssize(targets), 1}), out.dtype()), Reduction::kNone);
  }
  const std::vector<int32_t> classes(targets.begin(), targets.end());
  return cross_entropy(out, Tensor::from(classes, {std::ssize(classes)}),
                       {.smoothing = options.loss.smoothing, .reduction = Reduction::kNone});
}

TrainingStep ClassifyTask::step(bool trace_gradients) {
  if (training_ == nullptr) fail("classify: training has not been started");
  const auto batch = training_->batches.next();
  training_->trace = {};
  const auto outputs = network().outputs(make_batch(training_->examples, batch.sequences), training_->batches.dropout(),
                                         trace_gradients ? &training_->trace : nullptr);
  Tensors of_members;
  for (const Tensor& output : outputs) of_members.push_back(loss(output, batch.sequences));
  const Tensor losses = mean(stack(of_members), 0);
  Tensor objective = mean(losses);
  const double plain = objective.item();
  if (!training_->weights.empty()) {
    std::vector<float> weights;
    for (const int32_t i : batch.sequences) weights.push_back(training_->weights[i]);
    objective = mean(losses * cast(Tensor::from(weights, losses.shape()), losses.dtype()));
  }
  return {
      .objective = objective, .loss = plain, .examples = std::ssize(batch.sequences), .ends_epoch = batch.ends_pass};
}

Criterion ClassifyTask::criterion() const {
  const std::string& select = options.loss.select;
  return {.metric = select, .higher_is_better = select != "loss"};
}

Evaluation ClassifyTask::validate() {
  if (!has_validation()) fail("classify: there are no validation data");
  network().evaluate();
  const ClassifyExamples& examples = *training_->valid;
  Evaluation result = measure(score(network(), examples, *targets_, options.use.batch), examples, *targets_);
  network().train();
  return result;
}

Assets ClassifyTask::assets() const {
  Assets assets = encoder_->assets();
  assets["targets"] = targets_->to_text();
  return assets;
}

void ClassifyTask::restore(const Assets& assets, int64_t elements) {
  const auto targets = assets.find("targets");
  if (targets == assets.end()) fail("the model lacks its targets");
  targets_ = Targets::from_text(targets->second);
  encoder_ = SequenceEncoder(assets, options.data);
  training_ = nullptr;
  options.use.labels_file.clear();  // it was that of the training data
  const ClassifyModelOptions& model = options.model;
  if (model.pooling == "auto" || !model.dropout || !model.conv || !model.stride) {
    fail("pooling, dropout, conv or stride has not been chosen");
  }
  check_ensemble_size(options.model, sizes(), elements);
  Random random(0);
  model_.emplace(options.model, sizes(), random);
}

Evaluation ClassifyTask::evaluate(const Paths& paths) {
  const ClassifySource source = read(paths, true);
  const ClassifyExamples examples = encode_examples(source, all_of(source), *encoder_, &*targets_);
  if (examples.size() == 0) fail("there are no examples to evaluate on");
  network().evaluate();
  return measure(score(network(), examples, *targets_, options.use.batch), examples, *targets_);
}

void ClassifyTask::predict(const Paths& paths, RowSink& rows) {
  const ClassifySource source = read(paths, false);
  const ClassifyExamples examples = encode_examples(source, all_of(source), *encoder_, nullptr);
  network().evaluate();
  const ClassifyScores scores = score(network(), examples, *targets_, options.use.batch);
  write_predictions(source, scores, *targets_, rows);
}

Description ClassifyTask::describe() const {
  Description facts = encoder_->describe();
  if (targets_->is_value()) {
    facts.push_back({"target", std::string("value")});
    return facts;
  }
  facts.push_back({"classes", targets_->outputs()});
  constexpr size_t kShown = 20;
  const auto& words = targets_->classes().words();
  const std::span<const std::string> shown(words.data(), std::min(words.size(), kShown));
  facts.push_back({"labels", fmt::format("{}{}", fmt::join(shown, ", "), words.size() > kShown ? ", ..." : "")});
  return facts;
}

void ClassifyTask::load_vectors() {
  if (!encoder_->is_text()) fail_usage("vectors: they are of words, but the data are series of numbers");
  const Tokenizer& tokenizer = encoder_->tokenizer();
  const auto id_of = [&](std::string_view word) -> std::optional<int32_t> {
    const std::vector<int32_t> ids = tokenizer.encode(word);
    return ids.size() == 1 && ids[0] != tokenizer.unknown() ? std::optional(ids[0]) : std::nullopt;
  };
  int64_t found = 0;
  for (ClassifyModel& member : model_->members()) {
    found = read_word_vectors(options.model.vectors, id_of, member.embedding()->weight);
  }
  log_info("{}: vectors for {} of {} symbols", options.model.vectors, found, tokenizer.size());
}

ClassifySizes ClassifyTask::sizes() const {
  return {.text = encoder_->is_text(), .features = encoder_->features(), .outputs = targets_->outputs()};
}

ClassifyEnsemble& ClassifyTask::network() {
  if (!model_) fail("classify: there is no model yet");
  return *model_;
}

const ClassifyTask::Training& ClassifyTask::training() const {
  if (training_ == nullptr) fail("classify: training has not been started");
  return *training_;
}

}  // namespace recur
