#include "recur/tasks/transcribe/transcribe_model.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/ops/cast.h"

namespace recur {
namespace {

std::vector<int64_t> widths_of(const TranscribeModelOptions& options) {
  std::vector<int64_t> widths = options.conv_widths;
  std::erase(widths, 0);
  return widths;
}

size_t front_layers(const TranscribeModelOptions& options) {
  if (options.subsample == 3) fail_usage("subsample: expected 1, 2 or 4, got 3");
  const size_t layers = options.subsample == 4 ? 2 : options.subsample == 2 ? 1 : 0;
  if (widths_of(options).size() < layers) {
    fail_usage("conv_widths: a subsampling of {} needs at least {} convolutions, got {}", options.subsample, layers,
               widths_of(options).size());
  }
  return layers;
}

// Of the layers begin .. end - 1.
ConvStackOptions convolutions(const TranscribeModelOptions& options, int64_t features, size_t begin, size_t end) {
  const std::vector<int64_t> widths = widths_of(options);
  ConvStackOptions out{.in = begin == 0 ? features : widths[begin - 1], .stride = begin == 0 ? 2 : 1};
  if (options.conv_kernels.empty()) fail_usage("conv_kernels: expected at least one");
  out.kernels.clear();
  for (size_t k = begin; k < end; ++k) {
    out.widths.push_back(widths[k]);
    out.kernels.push_back(options.conv_kernels[std::min(k, options.conv_kernels.size() - 1)]);
  }
  if (out.kernels.empty()) out.kernels.push_back(1);
  return out;
}

RecurrentOptions recurrent_options(const TranscribeModelOptions& options, int64_t input) {
  RecurrentOptions out = options.rnn;
  out.input = input;
  out.dropout = options.dropout;
  return out;
}

std::optional<Pyramid> some_pyramid(const TranscribeModelOptions& options, int64_t input, Random& random) {
  if (options.pyramid == 0) return {};
  return Pyramid({.rnn = recurrent_options(options, input), .hidden = last_width(options), .layers = options.pyramid},
                 random);
}

AttentionBlocksOptions block_options(const TranscribeModelOptions& o, int64_t features) {
  return {.features = features, .blocks = o.attention_blocks, .heads = o.heads, .dropout = o.dropout};
}

}  // namespace

int64_t subsampled(int64_t steps, const TranscribeModelOptions& options) {
  for (size_t k = front_layers(options) + static_cast<size_t>(options.pyramid); k > 0; --k) steps = strided(steps, 2);
  return steps;
}

int64_t subsampling(const TranscribeModelOptions& options) { return options.subsample << options.pyramid; }

void check_size(const TranscribeModelOptions& options, const TranscribeSizes& sizes, int64_t elements) {
  front_layers(options);
  double least = least_parameters(options.rnn) + least_parameters(block_options(options, options.rnn.hidden)) +
                 least_head_parameters(options, {.features = 1, .symbols = sizes.symbols});
  const auto pair = static_cast<double>(last_width(options));
  least += static_cast<double>(options.pyramid) * pair * pair;
  auto in = static_cast<double>(sizes.features);
  for (size_t k = 0; k < widths_of(options).size(); ++k) {
    const auto width = static_cast<double>(widths_of(options)[k]);
    const auto taps =
        options.conv_kernels.empty() ? 1 : options.conv_kernels[std::min(k, options.conv_kernels.size() - 1)];
    least += in * width * static_cast<double>(taps);
    in = width;
  }
  check_least_parameters(least, elements);
}

SoundBatch batch_of(std::span<const FrameRows* const> rows) {
  SoundBatch batch;
  int64_t longest = 0, width = 0;
  for (const FrameRows* each : rows) {
    longest = std::max(longest, each->steps());
    width = each->width;
    batch.lengths.push_back(each->steps());
  }
  const auto count = std::ssize(rows);
  batch.x = Tensor::zeros({longest, count, width});
  auto* to = batch.x.data<float>();
  for (int64_t b = 0; b < count; ++b) {
    const FrameRows& own = *rows[static_cast<size_t>(b)];
    for (int64_t t = 0; t < own.steps(); ++t) {
      std::copy_n(own.values.begin() + t * width, width, to + (t * count + b) * width);
    }
  }
  return batch;
}

TranscribeModel::TranscribeModel(const TranscribeOptions& options, const TranscribeSizes& sizes, Random& random)
    : options_(options.model),
      front_(convolutions(options_, sizes.features, 0, front_layers(options_)), random),
      conv_(
          [&] {
            ConvStackOptions rest =
                convolutions(options_, sizes.features, front_layers(options_), widths_of(options_).size());
            rest.stride = 1;
            return rest;
          }(),
          random),
      recurrent_(recurrent_options(options_, conv_.output_features()), random),
      pyramid_(some_pyramid(options_, recurrent_.output_features(), random)),
      blocks_(some_attention_blocks(block_options(options_, encoded_features()), random)),
      head_(make_head(options, {.features = encoded_features(), .symbols = sizes.symbols}, random)) {
  register_module("front", front_);
  register_module("conv", conv_);
  register_module("recurrent", recurrent_);
  if (pyramid_) register_module("pyramid", *pyramid_);
  if (blocks_) register_module("blocks", *blocks_);
  register_module("output", *head_);
}

EncodedSounds TranscribeModel::shorten(const SoundBatch& batch, Mode mode) const {
  const Tensor x = cast(batch.x, dtype());
  const ConvStack::Output front = front_(x, batch.lengths, mode), heard = conv_(front.y, front.lengths, mode);
  return {drop_features(heard.y, options_.dropout, options_.rnn.locked_dropout, mode), heard.lengths};
}

EncodedSounds TranscribeModel::encode(const SoundBatch& batch, Mode mode, GradientTrace* trace) const {
  const EncodedSounds in = shorten(batch, mode);
  EncodedSounds out{recurrent_(in.y, {.lengths = in.lengths, .mode = mode, .trace = trace}).y, in.lengths};
  if (pyramid_) {
    auto [y, lengths] = (*pyramid_)(out.y, out.lengths, mode);
    out = {std::move(y), std::move(lengths)};
  }
  if (blocks_) out.y = (*blocks_)(out.y, out.lengths, mode);
  out.y = drop_features(out.y, options_.dropout, options_.rnn.locked_dropout, mode);
  return out;
}

}  // namespace recur
