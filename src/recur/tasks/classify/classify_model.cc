#include "recur/tasks/classify/classify_model.h"

#include <algorithm>

#include "recur/nn/dropout.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"

namespace recur {
namespace {

int64_t input_features(const ClassifyModelOptions& options, const ClassifySizes& sizes) {
  return sizes.text ? options.embedding : sizes.features;
}

bool has_positions(const ClassifyModelOptions& options, const ClassifySizes& sizes) {
  return sizes.text && options.positions.value_or(0) > 0;
}

RecurrentOptions layers(const ClassifyModelOptions& options, int64_t input) {
  RecurrentOptions rnn = options.rnn;
  rnn.input = input;
  rnn.dropout = *options.dropout;
  return rnn;
}

}  // namespace

void check_size(const ClassifyModelOptions& options, const ClassifySizes& sizes, int64_t elements) {
  double least = least_parameters(options.rnn);
  auto in = static_cast<double>(input_features(options, sizes));
  if (sizes.text) least += static_cast<double>(sizes.features) * in;
  if (has_positions(options, sizes)) least += static_cast<double>(*options.positions) * in;
  for (size_t i = 0; i < options.conv->size() && !options.kernels.empty(); ++i) {
    const auto out = static_cast<double>((*options.conv)[i]);
    least += in * out * static_cast<double>(options.kernels[std::min(i, options.kernels.size() - 1)]);
    in = out;
  }
  check_least_parameters(least, elements);
}

ClassifyModel::ClassifyModel(const ClassifyModelOptions& options, const ClassifySizes& sizes, Random& random)
    : options_(options),
      embedding_(sizes.text ? std::optional<Embedding>(
                                  Embedding({.vocabulary = sizes.features, .features = options.embedding}, random))
                            : std::nullopt),
      positions_(has_positions(options, sizes)
                     ? std::optional<Embedding>(
                           Embedding({.vocabulary = *options.positions, .features = options.embedding}, random))
                     : std::nullopt),
      conv_({.in = input_features(options, sizes),
             .widths = *options.conv,
             .kernels = options.kernels,
             .stride = *options.stride},
            random),
      rnn_(layers(options, conv_.output_features()), random),
      pooling_(
          {.kind = options.pooling, .features = rnn_.output_features(), .bidirectional = options.rnn.bidirectional},
          random),
      decoder_({.in = pooling_.output_features(), .out = sizes.outputs}, random) {
  if (embedding_) register_module("embedding", *embedding_);
  if (positions_) register_module("positions", *positions_);
  register_module("conv", conv_);
  register_module("rnn", rnn_);
  register_module("pooling", pooling_);
  register_module("decoder", decoder_);
}

Tensor ClassifyModel::drop(const Tensor& x, Mode mode) const {
  return drop_features(x, *options_.dropout, options_.rnn.locked_dropout, mode);
}

Tensor ClassifyModel::embed(const Tensor& ids, Mode mode) const {
  const Tensor rows = (*embedding_)(ids), x = with_positions(options_.freeze_vectors ? rows.detach() : rows);
  return drop_symbols(x, ids, {options_.embedding_dropout, embedding_->weight->size(0)}, mode);
}

// The vector of its place added to each step of x [T, B, E]; steps behind the last place have that one's.
Tensor ClassifyModel::with_positions(const Tensor& x) const {
  if (!positions_) return x;
  const int64_t T = x.size(0), places = positions_->weight->size(0);
  std::vector<int32_t> at(static_cast<size_t>(T));
  for (int64_t t = 0; t < T; ++t) at[static_cast<size_t>(t)] = static_cast<int32_t>(std::min(t, places - 1));
  return x + (*positions_)(Tensor::from(at, {T, 1}));
}

// [T, B, E or F]. A convolution reads past the end of a text: zeros there, not the symbol that fills the batch up.
Tensor ClassifyModel::input(const SequenceBatch& batch, Mode mode) const {
  if (!embedding_) return cast(batch.x, decoder_.weight->dtype());
  const Tensor x = drop(embed(batch.x, mode), mode);
  if (options_.conv->empty()) return x;
  const Tensor padding = padding_mask(x.size(0), x.size(1), batch.lengths, x.dtype());
  return padding.defined() ? x * (1.0 - padding) : x;
}

Tensor ClassifyModel::operator()(const SequenceBatch& batch, Mode mode, GradientTrace* trace) const {
  auto features = conv_(input(batch, mode), batch.lengths, mode);
  if (!options_.conv->empty()) features.y = drop(features.y, mode);
  const Tensor y = rnn_(features.y, {.lengths = features.lengths, .mode = mode, .trace = trace}).y;
  return decoder_(drop(pooling_(y, features.lengths), mode));
}

}  // namespace recur
