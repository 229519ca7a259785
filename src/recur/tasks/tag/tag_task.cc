#include "recur/tasks/tag/tag_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/text/word_vectors.h"
#include "recur/ops/binary.h"
#include "recur/tasks/metrics/spans.h"
#include "recur/tasks/tag/tag_score.h"

namespace recur {
namespace {

std::vector<int64_t> lengths_of(const std::vector<TaggedSentence>& sentences) {
  std::vector<int64_t> lengths;
  for (const TaggedSentence& sentence : sentences) lengths.push_back(std::ssize(sentence.tokens));
  return lengths;
}

// Takes sentences drawn at random out of the text.
TaggedText hold_out(TaggedText& text, double fraction, uint64_t seed) {
  const auto count = static_cast<size_t>(static_cast<double>(text.sentences.size()) * fraction + 0.5);
  if (count == 0 || count == text.sentences.size()) {
    fail("valid: {} of {} sentences leaves one of the parts empty", fraction, text.sentences.size());
  }
  std::vector<size_t> order(text.sentences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Random(seed, 3).shuffle(std::span(order));
  std::vector<bool> held(order.size(), false);
  for (size_t i = 0; i < count; ++i) held[order[i]] = true;
  TaggedText valid{.sentences = {}, .files = text.files, .tagged = true, .notes = {}};
  std::vector<TaggedSentence> train;
  for (size_t i = 0; i < held.size(); ++i) (held[i] ? valid.sentences : train).push_back(std::move(text.sentences[i]));
  text.sentences = std::move(train);
  return valid;
}

}  // namespace

const TaskInfo& TagTask::info() const {
  static const TaskInfo info{.name = "tag",
                             .summary = "Tagging: a label for each word of a sentence",
                             .data = "sentences in CoNLL columns or CoNLL-U",
                             .unit = "tokens"};
  return info;
}

TaggedText TagTask::read(const Paths& paths, bool need_tags) const {
  const TagDataOptions& data = options.data;
  const std::string& format = options.use.format;
  TaggedText text = read_tagged_text(paths, {.format = format == "auto" ? "" : format,
                                             .token = data.token,
                                             .tag = data.tag,
                                             .chosen = !encoder_,
                                             .need_tags = need_tags});
  for (const std::string& note : text.notes) log_info("{}", note);
  return text;
}

bool TagTask::has_spans() const { return are_span_labels(encoder_->tags().words()); }

void TagTask::start(const TrainingData& data, uint64_t seed) {
  // Written into the run's folder, from which it may be resumed elsewhere.
  std::string& vectors = options.model.vectors;
  if (!vectors.empty()) vectors = std::filesystem::absolute(vectors).lexically_normal().string();
  TaggedText text = read(data.paths, true);
  std::optional<TaggedText> valid;
  if (const auto fraction = data.held_out_fraction()) {
    valid = hold_out(text, *fraction, seed);
  } else if (!data.valid.empty()) {
    valid = read({data.valid}, true);
  }
  encoder_ = TagEncoder::fit(text.sentences, options.data);
  if (options.model.output == "auto") options.model.output = has_spans() ? "crf" : "softmax";
  build_model(seed);
  if (!options.model.vectors.empty()) load_vectors();
  ShuffledBatches batches(lengths_of(text.sentences), {.batch = options.data.batch}, seed);
  training_ = std::make_unique<Training>(Training{std::move(text), std::move(valid), std::move(batches), {}});
}

void TagTask::build_model(uint64_t seed) {
  Random random(seed);
  model_.emplace(options.model,
                 TagSizes{encoder_->words().size(), encoder_->characters().size(), encoder_->tags().size()}, random);
}

void TagTask::load_vectors() {
  const auto id_of = [&](std::string_view word) -> std::optional<int32_t> {
    const int32_t id = encoder_->word(word);
    return id == kUnknown ? std::nullopt : std::optional(id);
  };
  const int64_t found = read_word_vectors(options.model.vectors, id_of, model_->words().weight);
  log_info("{}: vectors for {} of {} words", options.model.vectors, found, encoder_->words().size());
}

TrainingStep TagTask::step(bool trace_gradients) {
  if (training_ == nullptr) fail("tag: training has not been started");
  const auto chosen = training_->batches.next();
  Random& random = training_->batches.dropout();
  const TagBatch batch = encoder_->batch(training_->text, chosen.sequences, options.model.word_dropout, &random);
  training_->trace = {};
  const Tensor scores = tagger()(batch, random, trace_gradients ? &training_->trace : nullptr);
  const int64_t tokens = std::accumulate(batch.lengths.begin(), batch.lengths.end(), int64_t{0});
  const Tensor objective = tagger().loss(scores, batch) / static_cast<double>(std::max<int64_t>(tokens, 1));
  return {.objective = objective, .loss = objective.item(), .examples = tokens, .ends_epoch = chosen.ends_pass};
}

Criterion TagTask::criterion() const {
  return {.metric = encoder_ && has_spans() ? "span_f1" : "accuracy", .higher_is_better = true};
}

Evaluation TagTask::validate() {
  if (!has_validation()) fail("tag: there is no validation text");
  tagger().evaluate();
  Evaluation result = measure(tagger(), *encoder_, *training_->valid, options.use.batch);
  tagger().train();
  return result;
}

void TagTask::restore(const Assets& assets, int64_t elements) {
  encoder_ = TagEncoder(assets, options.data);
  training_ = nullptr;
  options.use.format = "auto";  // it was that of the training data
  if (options.model.output == "auto") fail("the output has not been chosen");
  check_size(options.model, {encoder_->words().size(), encoder_->characters().size(), encoder_->tags().size()},
             elements);
  build_model(0);
}

Evaluation TagTask::evaluate(const Paths& paths) {
  const TaggedText text = read(paths, true);
  tagger().evaluate();
  return measure(tagger(), *encoder_, text, options.use.batch);
}

void TagTask::predict(const Paths& paths, RowSink& rows) {
  TaggedText text = read(paths, false);
  // Tags that are there are not looked at.
  text.tagged = false;
  for (TaggedSentence& sentence : text.sentences) sentence.tags.clear();
  tagger().evaluate();
  write_tags(tagger(), *encoder_, text, options.use.batch, rows);
}

Description TagTask::describe() const {
  return {{"words", int64_t{encoder_->words().size()}},
          {"characters", int64_t{encoder_->characters().size()}},
          {"tags", int64_t{encoder_->tags().size()}},
          {"labels", fmt::format("{}", fmt::join(encoder_->tags().words(), ", "))},
          {"output", options.model.output}};
}

TagModel& TagTask::tagger() {
  if (!model_) fail("tag: there is no model yet");
  return *model_;
}

const TagTask::Training& TagTask::training() const {
  if (training_ == nullptr) fail("tag: training has not been started");
  return *training_;
}

}  // namespace recur
