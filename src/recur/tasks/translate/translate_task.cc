#include "recur/tasks/translate/translate_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/translate/translate_training.h"

namespace recur {
namespace {

struct ReadParts {
  std::vector<TextPair> train, valid;
  std::string taken;
};

std::vector<TextPair> chosen(const std::vector<TextPair>& all, const std::vector<int64_t>& which) {
  std::vector<TextPair> out;
  for (const int64_t i : which) out.push_back(all[static_cast<size_t>(i)]);
  return out;
}

ReadParts read_parts(const TrainingData& data, const TranslateOptions& options, uint64_t seed) {
  TextPairs all = read_pairs(data.files, options.data, options.use.target);
  ReadParts parts;
  parts.taken = fmt::format("{}: {} pairs", files_text(all.files), all.pairs.size());
  if (data.held_out) {
    const std::vector<std::string> alike(all.pairs.size());
    const HoldOut drawn = hold_out(alike, *data.held_out, seed);
    parts.train = chosen(all.pairs, drawn.train);
    parts.valid = chosen(all.pairs, drawn.valid);
    return parts;
  }
  parts.train = std::move(all.pairs);
  if (!data.valid.empty()) parts.valid = read_pairs(data.valid, options.data, options.data.valid_target).pairs;
  return parts;
}

// Those of the training pairs that are not too long, encoded once, or anew each time with subwords left out.
DatasetPtr<EncodedPair> encoded(const TranslateEncoder& encoder, const std::vector<TextPair>& pairs,
                                const TranslateDataOptions& options) {
  std::vector<EncodedPair> kept;
  std::vector<TextPair> texts;  // of those, with dropout
  std::vector<int64_t> lengths;
  size_t longest = 0;
  for (const TextPair& pair : pairs) {
    EncodedPair made = encoder.pair(pair);
    const size_t tokens = std::max(made.source.size() - 1, made.target.size());
    longest = std::max(longest, tokens);
    if (tokens > static_cast<size_t>(options.most_tokens)) continue;
    lengths.push_back(static_cast<int64_t>(tokens) + 1);
    kept.push_back(std::move(made));
    if (options.subword_dropout > 0) texts.push_back(pair);
  }
  if (kept.empty()) fail("most_tokens: all {} pairs are longer than {} tokens", pairs.size(), options.most_tokens);
  if (kept.size() < pairs.size()) {
    log_warning(
        "{} of {} pairs are longer than {} tokens and are left out, the longest of {}; the limit is most_tokens",
        pairs.size() - kept.size(), pairs.size(), options.most_tokens, longest);
  }
  if (options.subword_dropout == 0) return memory_dataset(std::move(kept), std::move(lengths));
  const auto draw = [encoder, texts = std::move(texts), dropout = options.subword_dropout](int64_t i, Random& random) {
    return encoder.pair(texts[static_cast<size_t>(i)], dropout, random);
  };
  return function_dataset<EncodedPair>(std::move(lengths), draw, true);
}

// Which of the validation pairs are translated.
std::vector<int64_t> sample_of(int64_t size, int64_t most, uint64_t seed) {
  std::vector<int64_t> which = all_of(size);
  Random random(seed, kHoldOutStream);
  random.shuffle(std::span(which));
  which.resize(static_cast<size_t>(std::min(size, most)));
  std::ranges::sort(which);
  return which;
}

void make_absolute(std::vector<std::string>& paths) {
  for (std::string& path : paths) path = absolute_path(path);
}

void check_subword_dropout(const TranslateDataOptions& options) {
  if (options.subword_dropout == 0) return;
  if (options.source_tokens != "subwords" && options.target_tokens != "subwords") {
    fail_usage("subword_dropout: expected tokens or target_tokens = subwords, got {} and {}", options.source_tokens,
               options.target_tokens);
  }
}

// Without the targets of the training data.
TranslateOptions options_of_model(TranslateOptions options) {
  options.use.target.clear();
  options.use.chart.clear();
  options.use.attention = false;
  return options;
}

}  // namespace

const TaskInfo& TranslateTask::info() const { return translate_info(); }

std::unique_ptr<Training> TranslateTask::train(const TrainingData& data, const TrainingStart& start) {
  // Written into the run's folder, from which it may be resumed elsewhere.
  make_absolute(options.use.target);
  make_absolute(options.data.valid_target);
  if (options.model.coverage > 0 && (options.model.attention == "none" || options.model.attention == "multi_head")) {
    fail_usage("coverage: expected attention = additive, dot or general, got {}", options.model.attention);
  }
  if (options.model.attention_blocks > 0 && options.model.attention == "none") {
    fail_usage("attention_blocks: without attention (attention = none) nothing reads what they give");
  }
  if (data.valid.empty() && !options.data.valid_target.empty()) {
    fail_usage("valid_target: expected files of validation sources as valid, whose lines it translates");
  }
  ReadParts read = read_parts(data, options, start.seed);
  choose_tokens(options.data, read.train);
  if (options.learning.select == "auto") {
    options.learning.select = options.data.target_tokens == "subwords" ? "bleu" : "token_error_rate";
  }
  check_subword_dropout(options.data);
  const auto* first = first_model<TranslateTrained>(start);
  TranslateEncoder encoder = first != nullptr ? first->encoder() : TranslateEncoder::fit(read.train, options.data);
  if (first != nullptr) warn_of_unknown(encoder, read.train, " to train on");
  const SearchGuides checked(encoder, options.use);  // before anything is learnt
  TranslateParts parts{
      .train = encoded(encoder, read.train, options.data), .valid = std::move(read.valid), .sample = {}};
  parts.sample = sample_of(std::ssize(parts.valid), options.learning.valid_sample, start.seed);
  Random random(start.seed, kInitialValues);
  TranslateTrained trained(options_of_model(options), std::move(encoder), random);
  ShuffledBatches<EncodedPair> batches(parts.train,
                                       {.batch = options.data.batch, .most_steps = options.data.batch_tokens}, start);
  auto training = std::make_unique<TranslateTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(std::move(read.taken));
  return training;
}

std::unique_ptr<Trained> TranslateTask::restore(const Assets& assets, int64_t elements) const {
  const TranslateOptions own = options_of_model(options);
  TranslateEncoder encoder(assets);
  if (encoder.is_joint() != own.data.joint) fail("the vocabularies are not those that joint_vocabulary says");
  check_ensemble_size(own.model, sizes_of(encoder), elements);
  Random random(0);
  return std::make_unique<TranslateTrained>(own, std::move(encoder), random);
}

}  // namespace recur
