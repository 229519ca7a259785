// The network of the tagger: words and their characters, recurrent layers, and a score for each tag at each step.
#pragma once

#include <optional>

#include "recur/nn/attention_blocks.h"
#include "recur/nn/crf.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"
#include "recur/tasks/tag/tag_encoder.h"

namespace recur {

struct TagSizes {
  int64_t words = 0, characters = 0, tags = 0;
};

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const TagModelOptions& options, const TagSizes& sizes, int64_t elements);

// Reads the characters of words: LSTMs from both ends, of which the last states are taken (Ling et al. 2015), or a
// convolution and the largest value of each filter (Ma and Hovy 2016).
class WordSpeller : public Module {
 public:
  WordSpeller(const TagModelOptions& options, int64_t characters, Random& random);

  // [U, 2 char_hidden] of words [longest, U].
  Tensor operator()(const Tensor& characters, const std::vector<int64_t>& lengths, Mode mode) const;

 private:
  double dropout_;
  Embedding embedding_;
  std::optional<Recurrent> rnn_;
  std::optional<TimeConv> conv_;
};

// Parameters: words.weight, speller.*, rnn.*, blocks.*, decoder.*, crf.*. The output must have been chosen: not "auto".
class TagModel : public Module {
 public:
  TagModel(const TagModelOptions& options, const TagSizes& sizes, Random& random);

  // Scores [T, B, C].
  Tensor operator()(const TagBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;

  // In two parts, for explanations: what the layers read of each token [T, B, F], its word's vector and what its
  // characters give, in evaluation; and the scores for it, of sentences that are all of T tokens.
  Tensor vectors(const TagBatch& batch) const;
  Tensor evaluate(const Tensor& vectors) const;
  // The log-odds of a tag at a step, of scores of sentences that are all of T tokens: [B]. With a CRF those of all
  // labellings that have it there against all others.
  struct TagAt {
    int64_t step = 0, tag = 0;
  };
  Tensor log_odds(const Tensor& scores, TagAt at) const;
  const Recurrent& rnn() const { return rnn_; }

  // -log probability of the batch's tags in nats, added up. A token without one (kNoTag) may have any: it is summed
  // over.
  Tensor loss(const Tensor& scores, const TagBatch& batch) const;

  // The most probable tags of each sentence: each by itself, or with a CRF the most probable sequence of all.
  std::vector<std::vector<int32_t>> tag(const Tensor& scores, const std::vector<int64_t>& lengths) const;
  // Both of the following in ops, which a trace can record with open sizes: i32 [T, B] and [T, B, C], 0 in the padding.
  // scores f32; lengths i64 [B].
  struct Answer {
    Tensor tags, probabilities;
  };
  Answer answer(const Tensor& scores, const Tensor& lengths) const;
  // Of each tag at each step, f32 [T, B, C].
  Tensor probabilities(const Tensor& scores, const std::vector<int64_t>& lengths) const;

  const Embedding& words() const { return words_; }

 private:
  Tensor drop(const Tensor& x, Mode mode) const;
  Tensor vectors(const TagBatch& batch, Mode mode) const;
  Tensor read(const Tensor& x, const RunOptions& run) const;
  Tensor crf_loss(const Tensor& scores, const TagBatch& batch) const;

  TagModelOptions options_;
  Embedding words_;
  std::optional<WordSpeller> speller_;
  Recurrent rnn_;
  std::optional<AttentionBlocks> blocks_;
  Linear decoder_;
  std::optional<Crf> crf_;
};

}  // namespace recur
