#include "recur/tasks/classify/classify_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/autograd/trace.h"
#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

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

AttentionBlocksOptions block_options(const ClassifyModelOptions& o, int64_t features) {
  return {.features = features, .blocks = o.attention_blocks, .heads = o.heads, .dropout = o.dropout.value_or(0)};
}

constexpr int64_t kSqueeze = 16;  // as Karim, Majumdar, Darabi and Harford (2019)

ConvStackOptions front(const ClassifyModelOptions& options, int64_t input) {
  return {.in = input, .widths = *options.conv, .kernels = options.kernels, .stride = *options.stride};
}

ConvStackOptions filters(const ClassifyModelOptions& options, int64_t input) {
  return {.in = input,
          .widths = *options.filters,
          .kernels = options.filter_kernels,
          .stride = *options.filter_stride,
          .stride_once = true,
          .squeeze = options.has_rnn() ? kSqueeze : 0};
}

double least_of(const ConvStackOptions& stack) {
  double least = 0;
  auto in = static_cast<double>(stack.in);
  for (size_t i = 0; i < stack.widths.size() && !stack.kernels.empty(); ++i) {
    const auto out = static_cast<double>(stack.widths[i]);
    least += in * out * static_cast<double>(stack.kernels[std::min(i, stack.kernels.size() - 1)]);
    in = out;
  }
  return least;
}

}  // namespace

void check_size(const ClassifyModelOptions& options, const ClassifySizes& sizes, int64_t elements) {
  const int64_t in = input_features(options, sizes);
  double least = sizes.text ? static_cast<double>(sizes.features) * static_cast<double>(in) : 0;
  if (has_positions(options, sizes)) least += static_cast<double>(*options.positions) * static_cast<double>(in);
  if (options.has_rnn()) {
    least += least_parameters(options.rnn) + least_of(front(options, in)) +
             least_parameters(block_options(options, options.rnn.hidden));
  }
  if (options.has_filters()) least += least_of(filters(options, in));
  double width = static_cast<double>(in) * static_cast<double>(options.mlp_steps.value_or(0));
  for (size_t i = 0; options.has_mlp() && i < options.mlp.size(); ++i) {
    const auto next = static_cast<double>(options.mlp[i]);
    least += width * next;
    width = next;
  }
  check_least_parameters(least, elements);
}

ClassifyModel::ClassifyModel(const ClassifyModelOptions& options, const ClassifySizes& sizes, Random& random)
    : options_(options) {
  if (options.attention_blocks > 0 && !options.has_rnn())
    fail_usage("attention_blocks: they stand on recurrent layers, which network = {} has not", options.network);
  const int64_t in = input_features(options, sizes);
  if (sizes.text) {
    embedding_.emplace(EmbeddingOptions{.vocabulary = sizes.features, .features = in}, random);
    register_module("embedding", *embedding_);
  }
  if (has_positions(options, sizes)) {
    positions_.emplace(EmbeddingOptions{.vocabulary = *options.positions, .features = in}, random);
    register_module("positions", *positions_);
  }
  int64_t features = 0;
  if (options.has_rnn()) {
    conv_.emplace(front(options, in), random);
    rnn_.emplace(layers(options, conv_->output_features()), random);
    blocks_ = some_attention_blocks(block_options(options, rnn_->output_features()), random);
    pooling_.emplace(
        PoolingOptions{
            .kind = options.pooling, .features = rnn_->output_features(), .bidirectional = options.rnn.bidirectional},
        random);
    register_module("conv", *conv_);
    register_module("rnn", *rnn_);
    if (blocks_) register_module("blocks", *blocks_);
    register_module("pooling", *pooling_);
    features += pooling_->output_features();
  }
  if (options.has_filters()) {
    fcn_.emplace(filters(options, in), random);
    register_module("fcn", *fcn_);
    features += fcn_->output_features();
  }
  if (options.has_mlp()) {
    features = in * *options.mlp_steps;
    for (const int64_t width : options.mlp) {
      mlp_.emplace_back(LinearOptions{.in = features, .out = width}, random);
      features = width;
    }
    for (size_t k = 0; k < mlp_.size(); ++k) register_module(fmt::format("mlp{}", k), mlp_[k]);
  }
  decoder_.emplace(LinearOptions{.in = features, .out = sizes.outputs}, random);
  register_module("decoder", *decoder_);
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
  if (tracing() != nullptr) {  // with T left open
    const Tensor t = minimum(arange(T, DType::kF64), Tensor::scalar(static_cast<double>(places - 1), DType::kF64));
    return x + (*positions_)(reshape(cast(t, DType::kI32), {T, 1}));
  }
  std::vector<int32_t> at(static_cast<size_t>(T));
  for (int64_t t = 0; t < T; ++t) at[static_cast<size_t>(t)] = static_cast<int32_t>(std::min(t, places - 1));
  return x + (*positions_)(Tensor::from(at, {T, 1}));
}

// [T, B, E or F]. A convolution reads past the end of a text: zeros there, not the symbol that fills the batch up.
Tensor ClassifyModel::input(const SequenceBatch& batch, Mode mode) const {
  if (!embedding_) return cast(batch.x, decoder_->weight->dtype());
  Tensor x = drop(embed(batch.x, mode), mode);
  if (options_.has_rnn() && !options_.has_filters() && options_.conv->empty()) return x;
  const Tensor padding = padding_mask(x.size(0), x.size(1), batch.lengths, x.dtype());
  return padding.defined() ? x * (1.0 - padding) : x;
}

// [T, B, features] of the steps that pooling reads.
Tensor ClassifyModel::run_layers(const Tensor& x, const RunOptions& run) const {
  const Tensor y = (*rnn_)(x, run).y;
  return blocks_ ? (*blocks_)(y, run.lengths, run.mode) : y;
}

// [B, features].
Tensor ClassifyModel::read_recurrently(const Tensor& x, const Call& call) const {
  auto features = (*conv_)(x, call.lengths, call.mode);
  if (!options_.conv->empty()) features.y = drop(features.y, call.mode);
  const RunOptions run{.lengths = features.lengths, .mode = call.mode, .trace = call.trace};
  if (pooling_->is_last() && !blocks_) return rnn_->last(features.y, run);
  return (*pooling_)(run_layers(features.y, run), features.lengths);
}

// x [T, B, F] -> [B, features] of the first steps, zeros where a series is shorter.
Tensor ClassifyModel::read_at_once(const Tensor& x, Mode mode) const {
  const int64_t batch = x.size(1), steps = *options_.mlp_steps, short_of = std::max<int64_t>(steps - x.size(0), 0);
  // A trace, which leaves the number of steps open, pads always.
  const Tensor whole = tracing() != nullptr ? rows(pad(x, {{0, steps}, {}, {}}), 0, steps)
                       : short_of > 0       ? pad(x, {{0, short_of}, {}, {}})
                                            : rows(x, 0, steps);
  Tensor y = reshape(permute(whole, {1, 0, 2}), {batch, steps * x.size(2)});
  for (const Linear& layer : mlp_) y = drop(relu(layer(y)), mode);
  return y;
}

// x [T, B, F], what the layers read -> [B, outputs].
Tensor ClassifyModel::read(const Tensor& x, const Call& call) const {
  if (options_.has_mlp()) return (*decoder_)(read_at_once(x, call.mode));
  Tensors read;
  if (rnn_) read.push_back(read_recurrently(x, call));
  if (fcn_) {
    const ConvStack::Output features = (*fcn_)(x, call.lengths, call.mode);
    read.push_back(pool_mean(features.y, features.lengths));
  }
  return (*decoder_)(drop(read.size() == 1 ? read[0] : concat(read, 1), call.mode));
}

Tensor ClassifyModel::operator()(const SequenceBatch& batch, Mode mode, GradientTrace* trace) const {
  return read(input(batch, mode), {batch.lengths, mode, trace});
}

Tensor ClassifyModel::evaluate(const Tensor& x) const {
  return read(embedding_ ? with_positions(x) : x, {{}, Mode::evaluation()});
}

std::optional<RecurrentReading> ClassifyModel::recurrent(const Tensor& x) const {
  if (!rnn_) return {};
  const Tensor seen = embedding_ ? with_positions(x) : x;
  return RecurrentReading{.name = "rnn", .network = *rnn_, .x = (*conv_)(seen, {}, Mode::evaluation()).y};
}

Tensor ClassifyModel::attention(const Tensor& x) const {
  if (!pooling_ || pooling_->attention() == nullptr) return {};
  const Tensor y = run_layers(recurrent(x)->x, {.mode = Mode::evaluation()});
  return reshape(pooling_->attention()->weights(y, {}), {y.size(0)});
}

}  // namespace recur
