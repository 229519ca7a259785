#include "recur/tasks/tag/tag_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/data/classes.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/text/word_vectors.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/metrics/spans.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/tag/tag_training.h"

namespace recur {
namespace {

std::string taken_text(const TaggedText& text) {
  int64_t tokens = 0;
  for (int64_t i = 0; i < text.size(); ++i) tokens += text.length(i);
  return fmt::format("{}: {} of {} with tags; token: {}; tag: {}", files_text(text.files),
                     counted(text.size(), "sentence", "sentences"), counted(tokens, "token", "tokens"),
                     shortened(text.token_column), shortened(text.tag_column));
}

TagParts read_parts(const TrainingData& data, const TagOptions& options, uint64_t seed) {
  const TagExamples all = tag_examples(read_tagged(data.files, options, {}));
  if (data.held_out) {
    const std::vector<std::string> alike(static_cast<size_t>(all.sentences->size()));
    const HoldOut drawn = hold_out(alike, *data.held_out, seed);
    return {.train = subset(all, drawn.train), .valid = subset(all, drawn.valid)};
  }
  TagParts parts{.train = all, .valid = {}};
  if (!data.valid.empty()) parts.valid = tag_examples(read_tagged(data.valid, options, {}));
  return parts;
}

// Among tags of spans, others are slips, most often: "0" for "O".
void warn_of_stray_tags(const TagEncoder& encoder, const TagExamples& train) {
  const std::vector<std::string>& tags = encoder.tags().words();
  if (!are_span_labels(tags) || std::ranges::all_of(tags, is_span_label)) return;
  LabelCounts stray;
  std::string first;
  Random none(0);
  for (int64_t i = 0; i < train.sentences->size(); ++i) {
    const Loaded<TaggedSentence> sentence = train.sentences->load(i, none);
    for (size_t t = 0; t < sentence->tags.size(); ++t) {
      if (is_span_label(sentence->tags[t])) continue;
      ++stray[sentence->tags[t]];
      if (first.empty()) first = train.text->where(*sentence, t);
    }
  }
  if (!stray.empty()) log_warning("tags mark spans, except for: {}; the first at {}", labels_text(stray), first);
}

// Throws Error naming the place of a tag that the encoder does not know.
void check_tags(const TagEncoder& encoder, const TagExamples& train) {
  Random none(0);
  for (int64_t i = 0; i < train.sentences->size(); ++i) {
    const Loaded<TaggedSentence> sentence = train.sentences->load(i, none);
    for (size_t t = 0; t < sentence->tags.size(); ++t) {
      class_of(encoder.tags(), sentence->tags[t], train.text->where(*sentence, t));
    }
  }
}

// Puts vectors from a file in the place of the words' initial ones.
void load_vectors(const TagTrained& trained) {
  const TagEncoder& encoder = trained.encoder();
  const auto id_of = [&](std::string_view word) -> std::optional<int32_t> {
    const int32_t id = encoder.word(word);
    return id == kUnknown ? std::nullopt : std::optional(id);
  };
  const std::string& path = trained.options().model.vectors;
  const WordVectorsRead read = read_word_vectors(path, id_of, trained.network().words().weight);
  if (const std::string note = read.note(path); !note.empty()) log_info("{}", note);
  log_info("{}: found pretrained vectors for {} of {} words", path, read.found, encoder.words().size());
}

}  // namespace

const TaskInfo& TagTask::info() const { return tag_info(); }

std::unique_ptr<Training> TagTask::train(const TrainingData& data, const TrainingStart& start) {
  // Written into the run's folder, from which it may be resumed elsewhere.
  options.model.vectors = absolute_path(options.model.vectors);
  TagParts parts = read_parts(data, options, start.seed);
  const auto* first = first_model<TagTrained>(start);
  TagEncoder encoder = first != nullptr ? first->encoder()
                                        : TagEncoder::fit(*parts.train.sentences, options.data,
                                                          parts.valid ? parts.valid->sentences.get() : nullptr);
  if (first != nullptr) check_tags(encoder, parts.train);
  warn_of_stray_tags(encoder, parts.train);
  if (options.model.output == "auto") {
    options.model.output = are_span_labels(encoder.tags().words()) ? "crf" : "softmax";
  }
  Random random(start.seed, kInitialValues);
  TagTrained trained(options, std::move(encoder), random);
  if (!options.model.vectors.empty() && first == nullptr) load_vectors(trained);
  std::string taken = taken_text(*parts.train.text);
  ShuffledBatches<TaggedSentence> batches(parts.train.sentences, {.batch = options.data.batch}, start);
  auto training = std::make_unique<TagTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(std::move(taken));
  return training;
}

std::unique_ptr<Trained> TagTask::restore(const Assets& assets, int64_t elements) const {
  TagOptions own = options;
  own.use.format = "auto";  // it was that of the training data
  TagEncoder encoder(assets, own.data);
  if (own.model.output == "auto") fail("the model file lacks a value of output");
  check_size(own.model, sizes_of(encoder), elements);
  Random random(0);
  return std::make_unique<TagTrained>(own, std::move(encoder), random);
}

}  // namespace recur
