#include "recur/tasks/lm/lm_model.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/ops/linear_cross_entropy.h"

namespace recur {
namespace {

constexpr double kTiedRange = 0.1;

// P or H of the last layer.
int64_t last_width(const RecurrentOptions& rnn) {
  const std::string& block = rnn.blocks.empty() ? rnn.block : rnn.blocks.back();
  if (rnn.projection > 0 && block == "none") return rnn.projection;
  return rnn.widths.empty() ? rnn.hidden : rnn.widths.back();
}

void add_attention_blocks(RecurrentOptions& rnn, int64_t blocks) {
  if (blocks == 0) return;
  if (rnn.widths.empty()) rnn.widths.assign(static_cast<size_t>(rnn.layers), rnn.hidden);
  if (rnn.cells.empty()) rnn.cells.assign(rnn.widths.size(), rnn.cell);
  if (rnn.blocks.empty()) rnn.blocks.assign(rnn.widths.size(), rnn.block);
  rnn.widths.insert(rnn.widths.end(), static_cast<size_t>(blocks), rnn.widths.back());
  rnn.cells.insert(rnn.cells.end(), static_cast<size_t>(blocks), "attention");
  rnn.blocks.insert(rnn.blocks.end(), static_cast<size_t>(blocks), "feed_forward");
}

LmModelOptions completed(LmModelOptions options, int64_t vocabulary) {
  add_attention_blocks(options.rnn, options.attention_blocks);
  const int64_t width = last_width(options.rnn);
  if (options.embedding == 0) options.embedding = options.tie ? width : std::min(vocabulary, options.rnn.hidden);
  options.rnn.input = options.embedding;
  options.rnn.dropout = options.dropout;
  return options;
}

}  // namespace

void check_size(const LmModelOptions& options, int64_t vocabulary, int64_t elements) {
  const double table = static_cast<double>(vocabulary) * static_cast<double>(std::max<int64_t>(options.embedding, 1));
  check_least_parameters(table + least_parameters(options.rnn), elements);
}

LmModel::LmModel(const LmModelOptions& options, int64_t vocabulary, Random& random)
    : options_(completed(options, vocabulary)),
      embedding_({.vocabulary = vocabulary, .features = options_.embedding}, random),
      rnn_(options_.rnn, random),
      projection_(options_.tie && options_.embedding != rnn_.output_features()
                      ? std::optional<Linear>(
                            LinearOptions{.in = rnn_.output_features(), .out = options_.embedding, .bias = false})
                      : std::nullopt),
      decoder_({.in = projection_ || options_.tie ? options_.embedding : rnn_.output_features(),
                .out = vocabulary,
                .tied = options_.tie ? embedding_.weight : Parameter()},
               random) {
  register_module("embedding", embedding_);
  register_module("rnn", rnn_);
  if (projection_) register_module("projection", *projection_);
  register_module("decoder", decoder_);
  initialize(random);
}

void LmModel::initialize(Random& random) {
  const double range = options_.init_range;
  // Standard normal rows would make large logits of an untrained network where they are the decoder's too.
  if (options_.tie) init::uniform(embedding_.weight, -kTiedRange, kTiedRange, random);
  if (range == 0) return;
  for (const Tensor& parameter : parameters()) init::uniform(parameter, -range, range, random);
}

Tensor LmModel::drop(const Tensor& x, Mode mode) const {
  return drop_features(x, options_.dropout, options_.rnn.locked_dropout, mode);
}

RecurrentOutput LmModel::run_layers(const Tensor& ids, const RunOptions& options) const {
  const Tensor& table = embedding_.weight;
  const bool drops = options_.embedding_dropout > 0 || options_.dropout > 0;
  if (!drops || !options.mode.is_training()) return rnn_(Symbols{ids, table}, options);
  const Tensor x = drop_symbols(embedding_(ids), ids, {options_.embedding_dropout, table.size(0)}, options.mode);
  return rnn_(drop(x, options.mode), options);
}

LmModel::Output LmModel::operator()(const Tensor& ids, const RunOptions& options) const {
  auto [y, state] = run_layers(ids, options);
  const Tensor dropped = drop(y, options.mode);
  return {.features = projection_ ? (*projection_)(dropped) : dropped,
          .y = y,
          .dropped = dropped,
          .state = std::move(state)};
}

Tensor LmModel::evaluate(const Tensor& x) const {
  const Tensor y = rnn_(x, {.mode = Mode::evaluation()}).y;
  return projection_ ? (*projection_)(y) : y;
}

Tensor LmModel::loss(const Tensor& features, const Tensor& targets, const CrossEntropyOptions& options) const {
  return linear_cross_entropy(features, decoder_.weight, decoder_.bias, targets, options);
}

}  // namespace recur
