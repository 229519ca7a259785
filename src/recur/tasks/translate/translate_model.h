// The network of translation: an encoder reads the source, a decoder with attention writes the target.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/nn/attention_blocks.h"
#include "recur/nn/attention_decoder.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/cross_entropy.h"
#include "recur/tasks/translate/translate_encoder.h"
#include "recur/tasks/translate/translate_options.h"

namespace recur {

struct TranslateSizes {
  int64_t source = 0, target = 0;  // V of each side
  bool joint = false;
};
TranslateSizes sizes_of(const TranslateEncoder& encoder);

// The parameters that a network of these options has at least, found without making any.
double least_parameters(const TranslateModelOptions& options, const TranslateSizes& sizes);

// Parameters: source.weight (not of a joint vocabulary), target.weight, encoder.*, blocks.*, decoder.*, output.weight
// (not when tied) and output.bias.
class TranslateModel : public Module {
 public:
  TranslateModel(const TranslateModelOptions& options, const TranslateSizes& sizes, Random& random);

  // A batch of sources, read.
  struct Source {
    AttentionMemory memory;
    DecoderState first;  // of the decoder
  };
  Source read(const SourceBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;

  // In two parts, for explanations: the vectors of source symbols i32 [S, B] in evaluation, [S, B, E]; and the source
  // that they make, all of them S symbols.
  Tensor source_vectors(const Tensor& ids) const { return embed_source(ids, Mode::evaluation()); }
  Source read_vectors(const Tensor& vectors) const;
  const Recurrent& encoder() const { return encoder_; }

  // The decoder is given symbols i32 [T, B], of sequences of these lengths (empty: all T).
  AttentionDecoder::Output write(const Tensor& symbols, const DecoderState& state, const AttentionMemory& memory,
                                 Mode mode, const std::vector<int64_t>& lengths = {}) const;
  Tensor logits(const Tensor& features) const { return output_(features); }  // [..., V]
  // The cross-entropy of the logits of features [T, B, F] and the targets, without an array of all logits; not reduced,
  // [T, B] with zeros in the padding.
  Tensor loss(const Tensor& features, const TargetBatch& target, const CrossEntropyOptions& options) const;

  // Features [T, B, F] of steps that are given the right symbol with probability `teaching`, see objective().
  Tensor write_sampling(const Tensor& symbols, const Source& source, double teaching, Mode mode) const;
  // The loss under teacher forcing with probability `teaching` at each step but the first, else a symbol drawn from
  // what the decoder itself says there (scheduled sampling, Bengio et al. 2015).
  Tensor objective(const TargetBatch& target, const Source& source, const CrossEntropyOptions& options, Mode mode,
                   double teaching = 1) const;

  int64_t target_symbols() const { return target_.weight->size(0); }
  const AttentionDecoder& decoder() const { return decoder_; }

 private:
  double input_scale() const;  // of the rows of a tied table
  Tensor embed_source(const Tensor& ids, Mode mode) const;
  Source read_vectors(const Tensor& vectors, const RunOptions& run) const;
  Tensor embed_target(const Tensor& ids, Mode mode) const;
  Tensor drop(const Tensor& x, Mode mode) const;

  TranslateModelOptions options_;
  std::optional<Embedding> source_;
  Embedding target_;
  Recurrent encoder_;
  std::optional<AttentionBlocks> blocks_;
  AttentionDecoder decoder_;
  Linear output_;
};

}  // namespace recur
