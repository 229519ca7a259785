#include "recur/tasks/translate/translate_model.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/decode/sampling.h"
#include "recur/nn/dropout.h"
#include "recur/nn/packing.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/linear_cross_entropy.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

TranslateModelOptions completed(TranslateModelOptions options) {
  if (options.embedding == 0) options.embedding = options.rnn.hidden;
  options.rnn.input = options.embedding;
  options.rnn.dropout = options.dropout;
  return options;
}

// Of the encoder's options the decoder has those that do not draw once a sequence: it is run step by step.
AttentionDecoderOptions decoder_options(const TranslateModelOptions& o, int64_t memory) {
  return {
      .rnn = decoder_layers(
          o.rnn, {.input = o.embedding, .hidden = o.decoder_hidden, .layers = o.decoder_layers, .dropout = o.dropout}),
      .memory = memory,
      .attention = o.attention,
      .heads = o.heads,
      .output = o.tie ? o.embedding : 0,
      .input_feeding = o.input_feeding,
      .dropout = o.dropout,
      .location = o.coverage,
      .location_sum = o.coverage > 0};
}

AttentionBlocksOptions block_options(const TranslateModelOptions& o, int64_t features) {
  return {.features = features, .blocks = o.attention_blocks, .heads = o.heads, .dropout = o.dropout};
}

}  // namespace

TranslateSizes sizes_of(const TranslateEncoder& encoder) {
  return {encoder.source_symbols(), encoder.target_symbols(), encoder.is_joint()};
}

double least_parameters(const TranslateModelOptions& options, const TranslateSizes& sizes) {
  const TranslateModelOptions own = completed(options);
  const double rows = static_cast<double>(sizes.target) + (sizes.joint ? 0 : static_cast<double>(sizes.source));
  const int64_t width = own.rnn.widths.empty() ? own.rnn.hidden : own.rnn.widths.back();
  return rows * static_cast<double>(own.embedding) + least_parameters(own.rnn) +
         least_parameters(block_options(own, width)) + least_parameters(decoder_options(own, 1).rnn);
}

TranslateModel::TranslateModel(const TranslateModelOptions& options, const TranslateSizes& sizes, Random& random)
    : options_(completed(options)),
      source_(sizes.joint ? std::nullopt
                          : std::optional<Embedding>(std::in_place, EmbeddingOptions{sizes.source, options_.embedding},
                                                     random)),
      target_({.vocabulary = sizes.target, .features = options_.embedding}, random),
      encoder_(options_.rnn, random),
      decoder_(decoder_options(options_, encoder_.output_features()), random),
      output_(
          {.in = decoder_.output_features(), .out = sizes.target, .tied = options_.tie ? target_.weight : Parameter()},
          random) {
  if (source_) register_module("source", *source_);
  // Rows that are the output layer's too must be short, or an untrained network makes large scores; as inputs they are
  // multiplied by what that takes from them (Vaswani et al. 2017).
  if (options_.tie) init::normal(target_.weight, 0, 1 / input_scale(), random);
  register_module("target", target_);
  register_module("encoder", encoder_);
  blocks_ = some_attention_blocks(block_options(options_, encoder_.output_features()), random);
  if (blocks_) register_module("blocks", *blocks_);
  register_module("decoder", decoder_);
  register_module("output", output_);
}

double TranslateModel::input_scale() const {
  return options_.tie ? std::sqrt(static_cast<double>(options_.embedding)) : 1;
}

Tensor TranslateModel::embed_target(const Tensor& ids, Mode mode) const {
  const Tensor x = target_(ids);
  return drop(options_.tie ? x * input_scale() : x, mode);
}

Tensor TranslateModel::embed_source(const Tensor& ids, Mode mode) const {
  return source_ ? drop((*source_)(ids), mode) : embed_target(ids, mode);
}

Tensor TranslateModel::drop(const Tensor& x, Mode mode) const {
  return drop_features(x, options_.dropout, options_.rnn.locked_dropout, mode);
}

TranslateModel::Source TranslateModel::read(const SourceBatch& batch, Mode mode, GradientTrace* trace) const {
  return read_vectors(embed_source(batch.ids, mode), {.lengths = batch.lengths, .mode = mode, .trace = trace});
}

TranslateModel::Source TranslateModel::read_vectors(const Tensor& vectors, const RunOptions& run) const {
  Tensor encoded = encoder_(vectors, run).y;
  const Tensor summary = pool_last(encoded, run.lengths, options_.rnn.bidirectional);
  if (blocks_) encoded = (*blocks_)(encoded, run.lengths, run.mode);
  Source source{.memory = decoder_.read(encoded, run.lengths), .first = {}};
  source.first = decoder_.first_state(summary, source.memory);
  return source;
}

TranslateModel::Source TranslateModel::read_vectors(const Tensor& vectors) const {
  return read_vectors(vectors, {.mode = Mode::evaluation()});
}

AttentionDecoder::Output TranslateModel::write(const Tensor& symbols, const DecoderState& state,
                                               const AttentionMemory& memory, Mode mode,
                                               const std::vector<int64_t>& lengths) const {
  return decoder_(embed_target(symbols, mode), state, memory, mode, lengths);
}

// The output layer sees no padding: it is the largest product there is.
Tensor TranslateModel::loss(const Tensor& features, const TargetBatch& target,
                            const CrossEntropyOptions& options) const {
  const Packing packing(features.size(0), features.size(1), target.lengths);
  const Shape steps = target.targets.shape();
  const Tensor targets = packing.pack(reshape(target.targets, {steps[0], steps[1], 1}));
  const Tensor nats = linear_cross_entropy(packing.pack(features), output_.weight, output_.bias,
                                           reshape(targets, {packing.packed_rows()}), options);
  return options.reduction == Reduction::kNone ? reshape(packing.unpack(reshape(nats, {-1, 1})), steps) : nats;
}

Tensor TranslateModel::objective(const TargetBatch& target, const Source& source, const CrossEntropyOptions& options,
                                 Mode mode, double teaching) const {
  const Tensor features = teaching < 1
                              ? write_sampling(target.inputs, source, teaching, mode)
                              : write(target.inputs, source.first, source.memory, mode, target.lengths).features;
  return loss(features, target, options);
}

Tensor TranslateModel::write_sampling(const Tensor& symbols, const Source& source, double teaching, Mode mode) const {
  Tensors features;
  DecoderState state = source.first;
  Tensor given = rows(symbols, 0, 1);
  for (int64_t t = 0;; ++t) {
    AttentionDecoder::Output out = write(given, state, source.memory, mode);
    features.push_back(out.features);
    if (t + 1 == symbols.size(0)) return concat(features, 0);
    state = std::move(out.state);
    given = rows(symbols, t + 1, t + 2).clone();
    const autograd::NoGrad no_grad;
    const Tensor said = cast(logits(row(out.features, 0)), DType::kF32);
    for (int64_t b = 0; b < given.size(1); ++b) {
      if (mode.random().bernoulli(teaching)) continue;
      const auto choices = said.values<float>().subspan(static_cast<size_t>(b * said.size(1)), said.size(1));
      given.data<int32_t>()[b] = sample(choices, {}, mode.random());
    }
  }
}

}  // namespace recur
