#include "recur/tasks/caption/caption_model.h"

#include <cmath>

#include "recur/nn/dropout.h"
#include "recur/nn/init.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

CaptionModelOptions completed(CaptionModelOptions options) {
  if (options.embedding == 0) options.embedding = options.rnn.hidden;
  options.rnn.input = options.embedding;
  options.rnn.dropout = options.dropout;
  options.rnn.bidirectional = false;
  if (options.widths.empty()) options.widths = {1};
  return options;
}

AttentionDecoderOptions caption_decoder(const CaptionModelOptions& o) {
  return {.rnn = o.rnn,
          .memory = o.widths.back(),
          .attention = o.attention,
          .heads = o.heads,
          .output = o.tie ? o.embedding : 0,
          .dropout = o.dropout,
          .gate = o.gate};
}

}  // namespace

void check_size(const CaptionModelOptions& options, const CaptionEncoder& encoder, int64_t elements) {
  const CaptionModelOptions own = completed(options);
  double least =
      static_cast<double>(encoder.symbols()) * static_cast<double>(own.embedding) + least_parameters(own.rnn);
  double in = 3;
  for (const int64_t width : own.widths) {
    const auto out = static_cast<double>(width);
    if (encoder.shape().has_pictures() && !own.blind) {
      least += 9 * out * (in + 2 * static_cast<double>(own.blocks) * out);
    }
    in = out;
  }
  if (!encoder.shape().has_pictures() && !own.blind) least += static_cast<double>(encoder.shape().features) * in;
  check_least_parameters(least, elements);
}

CaptionModel::CaptionModel(const CaptionModelOptions& options, const CaptionShape& shape, int64_t symbols,
                           Random& random)
    : options_(completed(options)),
      shape_(shape),
      embedding_({.vocabulary = symbols, .features = options_.embedding}, random),
      decoder_(caption_decoder(options_), random),
      output_(
          {.in = decoder_.output_features(), .out = symbols, .tied = options_.tie ? embedding_.weight : Parameter()},
          random) {
  if (shape.has_pictures() && !options_.blind) {
    pictures_.emplace(FrameEncoderOptions{.height = shape.side,
                                          .width = shape.side,
                                          .channels = 3,
                                          .widths = options_.widths,
                                          .blocks = options_.blocks},
                      random);
    register_module("pictures", *pictures_);
  } else if (!options_.blind) {
    project_.emplace(LinearOptions{.in = shape.features, .out = options_.widths.back()}, random);
    register_module("project", *project_);
  }
  // As in translation: rows that are the output layer's too must be short.
  if (options_.tie) init::normal(embedding_.weight, 0, 1 / std::sqrt(static_cast<double>(options_.embedding)), random);
  register_module("embedding", embedding_);
  register_module("decoder", decoder_);
  register_module("output", output_);
}

int64_t CaptionModel::region_rows() const { return pictures_ ? pictures_->map_height() : 1; }

int64_t CaptionModel::region_columns() const {
  return pictures_ ? pictures_->map_width() : options_.blind ? 1 : shape_.regions;
}

Tensor CaptionModel::embed(const Tensor& symbols, Mode mode) const {
  const Tensor x = embedding_(symbols);
  const double scale = options_.tie ? std::sqrt(static_cast<double>(options_.embedding)) : 1;
  return drop_features(x * scale, options_.dropout, options_.rnn.locked_dropout, mode);
}

Tensor CaptionModel::regions_of(const Tensor& values, Mode mode) const {
  if (pictures_) return pictures_->regions(values, mode);
  const int64_t images = values.size(0);
  if (!project_) return Tensor::zeros({images, 1, options_.widths.back()}, embedding_.weight->dtype());
  return relu((*project_)(reshape(values, {images, shape_.regions, shape_.features})));
}

CaptionModel::Seen CaptionModel::see(const Tensor& values, Mode mode, const Tensor& of) const {
  const Tensor own = regions_of(values, mode);
  const Tensor regions = of.defined() ? index_select(own, of) : own;
  const Tensor summary = mean(regions, 1);
  const Tensor dropped = drop_features(permute(regions, {1, 0, 2}), options_.dropout, false, mode);
  const std::vector<int64_t> lengths(static_cast<size_t>(regions.size(0)), regions.size(1));
  return {.memory = decoder_.read(dropped, lengths), .first = decoder_.first_state(summary)};
}

AttentionDecoder::Output CaptionModel::write(const Tensor& symbols, const DecoderState& state,
                                             const AttentionMemory& memory, Mode mode,
                                             const std::vector<int64_t>& lengths) const {
  return decoder_(embed(symbols, mode), state, memory, mode, lengths);
}

CaptionModel::Losses CaptionModel::losses(const CaptionTargets& target, const Seen& seen, double smoothing,
                                          Mode mode) const {
  const AttentionDecoder::Output out = write(target.inputs, seen.first, seen.memory, mode, target.lengths);
  Losses made{
      .nats = cross_entropy(logits(out.features), target.targets,
                            {.ignored = kNoCaptionSymbol, .smoothing = smoothing, .reduction = Reduction::kNone}),
      .penalty = {}};
  const Tensor padding =
      padding_mask(target.inputs.size(0), target.inputs.size(1), target.lengths, out.weights.dtype());
  const Tensor weights = padding.defined() ? masked_fill(out.weights, padding, 0) : out.weights;
  const Tensor left = 1 - sum(weights, 0);  // [K, S]
  made.penalty = sum(left * left);
  return made;
}

}  // namespace recur
