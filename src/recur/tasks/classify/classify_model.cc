#include "recur/tasks/classify/classify_model.h"

#include <algorithm>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/dropout.h"
#include "recur/ops/embedding.h"

namespace recur {
namespace {

int64_t input_features(const ClassifyModelOptions& options, const ClassifySizes& sizes) {
  return sizes.text ? options.embedding : sizes.features;
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
  register_module("conv", conv_);
  register_module("rnn", rnn_);
  register_module("pooling", pooling_);
  register_module("decoder", decoder_);
}

Tensor ClassifyModel::drop(const Tensor& x, Random& random) const {
  const double p = training() ? static_cast<double>(*options_.dropout) : 0.0;
  if (p == 0 || !options_.rnn.locked_dropout || x.rank() != 3) return dropout(x, p, random);
  return x * dropout_mask(x.shape().with(0, 1), p, random, x.dtype());
}

Tensor ClassifyModel::embed(const Tensor& ids, Random& random) const {
  const Tensor rows = (*embedding_)(ids), x = options_.freeze_vectors ? rows.detach() : rows;
  const double p = training() ? static_cast<double>(options_.embedding_dropout) : 0.0;
  if (p == 0) return x;
  // The mask of the table's rows, applied to the rows taken: the same as dropping whole symbols from the table.
  const Tensor mask = dropout_mask({embedding_->weight.size(0), 1}, p, random, x.dtype());
  return x * recur::embedding(mask, ids);
}

Tensor ClassifyModel::operator()(const SequenceBatch& batch, Random& random, GradientTrace* trace) {
  const Tensor input = embedding_ ? drop(embed(batch.x, random), random) : cast(batch.x, decoder_.weight.dtype());
  auto features = conv_(input, batch.lengths);
  if (!options_.conv->empty()) features.y = drop(features.y, random);
  const Tensor y = rnn_(features.y, {.lengths = features.lengths, .random = &random, .trace = trace}).y;
  return decoder_(drop(pooling_(y, features.lengths), random));
}

}  // namespace recur
