#include "recur/tasks/tag/tag_model.h"

#include <algorithm>

#include "recur/nn/crf_twin.h"
#include "recur/nn/dropout.h"
#include "recur/nn/pooling.h"
#include "recur/nn/pooling_twins.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"
#include "recur/tasks/explainable.h"

namespace recur {
namespace {

constexpr int64_t kCharacterKernel = 3;
constexpr double kImpossible = -1e30;  // the score of a tag that must not be

bool spells(const TagModelOptions& options) { return options.characters != "none"; }

RecurrentOptions layers(const TagModelOptions& options) {
  RecurrentOptions rnn = options.rnn;
  rnn.input = options.embedding + (spells(options) ? 2 * options.char_hidden : 0);
  rnn.dropout = options.dropout;
  return rnn;
}

AttentionBlocksOptions block_options(const TagModelOptions& o, int64_t features) {
  return {.features = features, .blocks = o.attention_blocks, .heads = o.heads, .dropout = o.dropout};
}

// Whether a token, not only padding, has no tag.
bool lacks_tags(const TagBatch& batch) {
  const int32_t* tags = batch.tags.data<int32_t>();
  const int64_t size = std::ssize(batch.lengths);
  for (int64_t b = 0; b < size; ++b) {
    for (int64_t t = 0; t < batch.lengths[b]; ++t) {
      if (tags[t * size + b] == kNoTag) return true;
    }
  }
  return false;
}

// i32 [T, B, C]: 1 for the tags that a token does not have; 0 for all where that is not known.
Tensor other_tags(const TagBatch& batch, int64_t classes) {
  const int64_t tokens = batch.tags.numel();
  Tensor others = Tensor::zeros({batch.tags.size(0), batch.tags.size(1), classes}, DType::kI32);
  const int32_t* tags = batch.tags.data<int32_t>();
  int32_t* to = others.data<int32_t>();
  for (int64_t i = 0; i < tokens; ++i) {
    if (tags[i] == kNoTag) continue;
    for (int64_t c = 0; c < classes; ++c) to[i * classes + c] = c != tags[i];
  }
  return others;
}

// The best of each step by itself.
std::vector<std::vector<int32_t>> best_of_each(const Tensor& scores, const std::vector<int64_t>& lengths) {
  const int64_t batch = scores.size(1), tags = scores.size(2);
  const float* score = scores.data<float>();
  std::vector<std::vector<int32_t>> result(static_cast<size_t>(batch));
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t t = 0; t < lengths[b]; ++t) {
      const float* row = score + (t * batch + b) * tags;
      result[b].push_back(static_cast<int32_t>(std::max_element(row, row + tags) - row));
    }
  }
  return result;
}

}  // namespace

void check_size(const TagModelOptions& options, const TagSizes& sizes, int64_t elements) {
  double least = least_parameters(options.rnn) + least_parameters(block_options(options, options.rnn.hidden));
  least += static_cast<double>(sizes.words) * static_cast<double>(options.embedding);
  if (spells(options)) {
    least += static_cast<double>(sizes.characters) * static_cast<double>(options.char_embedding);
    least += static_cast<double>(options.char_embedding) * static_cast<double>(options.char_hidden);
  }
  if (options.characters == "lstm") {
    least += least_parameters(RecurrentOptions{.hidden = options.char_hidden});
  }
  check_least_parameters(least, elements);
}

WordSpeller::WordSpeller(const TagModelOptions& options, int64_t characters, Random& random)
    : dropout_(options.dropout), embedding_({.vocabulary = characters, .features = options.char_embedding}, random) {
  register_module("embedding", embedding_);
  if (options.characters == "lstm") {
    rnn_.emplace(
        RecurrentOptions{.input = options.char_embedding, .hidden = options.char_hidden, .bidirectional = true},
        random);
    register_module("rnn", *rnn_);
  } else {
    conv_.emplace(
        TimeConvOptions{.in = options.char_embedding, .out = 2 * options.char_hidden, .kernel = kCharacterKernel},
        random);
    register_module("conv", *conv_);
  }
}

Tensor WordSpeller::operator()(const Tensor& characters, const std::vector<int64_t>& lengths, Mode mode) const {
  const Tensor embedded = embedding_(characters);
  if (rnn_) {
    const Tensor x = drop_features(embedded, dropout_, false, mode);
    return rnn_->last(x, {.lengths = lengths, .mode = mode});
  }
  // Zeros behind a word's end, so that its features do not depend on its neighbours'.
  const Tensor padding = padding_mask(embedded.size(0), embedded.size(1), lengths, embedded.dtype());
  const Tensor x = drop_features(padding.defined() ? embedded * (1.0 - padding) : embedded, dropout_, false, mode);
  return pool_max(relu((*conv_)(x)), lengths);
}

TagModel::TagModel(const TagModelOptions& options, const TagSizes& sizes, Random& random)
    : options_(options),
      words_({.vocabulary = sizes.words, .features = options.embedding}, random),
      speller_(spells(options) ? std::optional<WordSpeller>(WordSpeller(options, sizes.characters, random))
                               : std::nullopt),
      rnn_(layers(options), random),
      blocks_(some_attention_blocks(block_options(options, rnn_.output_features()), random)),
      decoder_({.in = rnn_.output_features(), .out = sizes.tags}, random) {
  register_module("words", words_);
  if (speller_) register_module("speller", *speller_);
  register_module("rnn", rnn_);
  if (blocks_) register_module("blocks", *blocks_);
  register_module("decoder", decoder_);
  if (options.output != "crf") return;
  crf_.emplace(sizes.tags);
  register_module("crf", *crf_);
}

Tensor TagModel::drop(const Tensor& x, Mode mode) const {
  return drop_features(x, options_.dropout, options_.rnn.locked_dropout, mode);
}

Tensor TagModel::vectors(const TagBatch& batch, Mode mode) const {
  Tensor x = words_(batch.words);
  if (!speller_) return x;
  const Tensor spelt = (*speller_)(batch.characters, batch.character_lengths, mode);
  return concat({x, index_select(spelt, batch.word_at)}, 2);
}

Tensor TagModel::vectors(const TagBatch& batch) const { return vectors(batch, Mode::evaluation()); }

Tensor TagModel::evaluate(const Tensor& vectors) const { return decoder_(read(vectors, {.mode = Mode::evaluation()})); }

namespace {

// i32 [T, 1, C]: 1 for the tag of a step, or for all others there.
Tensor at_step(const Shape& scores, TagModel::TagAt at, bool others) {
  Tensor mask = Tensor::zeros({scores[0], 1, scores[2]}, DType::kI32);
  int32_t* row = mask.data<int32_t>() + at.step * scores[2];
  for (int64_t c = 0; c < scores[2]; ++c) row[c] = (c == at.tag) != others;
  return mask;
}

}  // namespace

Tensor TagModel::log_odds(const Tensor& scores, TagAt at) const {
  if (!crf_) return class_score(row(scores, at.step), at.tag, false);
  const Tensor with = masked_fill(scores, at_step(scores.shape(), at, true), kImpossible);
  const Tensor without = masked_fill(scores, at_step(scores.shape(), at, false), kImpossible);
  return crf_->log_partition(with, {}) - crf_->log_partition(without, {});
}

Tensor TagModel::read(const Tensor& x, const RunOptions& run) const {
  const Tensor y = rnn_(x, run).y;
  return blocks_ ? (*blocks_)(y, run.lengths, run.mode) : y;
}

Tensor TagModel::operator()(const TagBatch& batch, Mode mode, GradientTrace* trace) const {
  const Tensor x = drop(vectors(batch, mode), mode);
  return decoder_(drop(read(x, {.lengths = batch.lengths, .mode = mode, .trace = trace}), mode));
}

// Where tags are unknown, the probability of all labellings that have the known ones.
Tensor TagModel::crf_loss(const Tensor& scores, const TagBatch& batch) const {
  if (!lacks_tags(batch)) return sum(crf_->loss(scores, batch.tags, batch.lengths));
  const Tensor all = scores - max(scores.detach(), 2, true);  // so that the sums keep their digits
  const Tensor possible = masked_fill(all, other_tags(batch, scores.size(2)), kImpossible);
  return sum(crf_->log_partition(all, batch.lengths) - crf_->log_partition(possible, batch.lengths));
}

Tensor TagModel::loss(const Tensor& scores, const TagBatch& batch) const {
  if (crf_) return crf_loss(scores, batch);
  return cross_entropy(scores, batch.tags, {.ignored = kNoTag, .reduction = Reduction::kSum});
}

std::vector<std::vector<int32_t>> TagModel::tag(const Tensor& scores, const std::vector<int64_t>& lengths) const {
  return crf_ ? crf_->decode(scores, lengths) : best_of_each(cast(scores, DType::kF32), lengths);
}

TagModel::Answer TagModel::answer(const Tensor& scores, const Tensor& lengths) const {
  if (crf_) {
    const CrfTensors crf{cast(crf_->transitions, DType::kF32), cast(crf_->start, DType::kF32),
                         cast(crf_->end, DType::kF32)};
    return {crf_decode_twin(scores, lengths, crf), crf_marginals_twin(scores, lengths, crf)};
  }
  const Tensor padding = padding_mask_twin(scores.size(0), lengths, scores.dtype());
  const Tensor best = cast(argmax(scores, 2, true), scores.dtype());
  return {cast(reshape(masked_fill(best, padding, 0), {scores.size(0), scores.size(1)}), DType::kI32),
          masked_fill(softmax(scores), padding, 0)};
}

Tensor TagModel::probabilities(const Tensor& scores, const std::vector<int64_t>& lengths) const {
  return cast(crf_ ? crf_->marginals(scores, lengths) : softmax(scores), DType::kF32);
}

}  // namespace recur
