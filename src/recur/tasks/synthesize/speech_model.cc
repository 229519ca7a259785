#include "recur/tasks/synthesize/speech_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/nn/dropout.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/losses.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"

namespace recur {
namespace {

RecurrentOptions encoder_options(const SynthesizeModelOptions& o) {
  RecurrentOptions out = o.rnn;
  out.input = o.embedding;
  out.dropout = o.dropout;
  return out;
}

AttentionDecoderOptions decoder_options(const SynthesizeModelOptions& o, int64_t memory) {
  return {.rnn = decoder_layers(
              o.rnn, {.input = o.prenet, .hidden = o.decoder_hidden, .layers = o.decoder_layers, .dropout = o.dropout}),
          .memory = memory,
          .attention = "additive",
          .units = o.attention_units,
          .dropout = o.dropout,
          .location = o.attention_location,
          .location_sum = o.attention_location > 0};
}

// Zeros in the padding of x [T, B, F].
Tensor without_padding(const Tensor& x, const std::vector<int64_t>& lengths) {
  const Tensor padding = padding_mask(x.size(0), x.size(1), lengths, x.dtype());
  return padding.defined() ? x * (1 - padding) : x;
}

// 1 for steps within the lengths [T, B], 0 behind.
Tensor within(int64_t steps, const std::vector<int64_t>& lengths, DType dtype) {
  Tensor out = Tensor::zeros({steps, std::ssize(lengths)});
  for (size_t b = 0; b < lengths.size(); ++b) {
    for (int64_t t = 0; t < lengths[b]; ++t) out.data<float>()[t * std::ssize(lengths) + static_cast<int64_t>(b)] = 1;
  }
  return cast(out, dtype);
}

struct FrameTensors {
  Tensor target;  // [U R, B, F]
  Tensor before;  // [U, B, F], the last frame of the step before, zeros at the first
};

FrameTensors tensors_of(std::span<const SpeechPair> pairs, int64_t steps, int64_t reduction, int64_t bands) {
  const auto batch = std::ssize(pairs);
  FrameTensors out{.target = Tensor::zeros({steps * reduction, batch, bands}),
                   .before = Tensor::zeros({steps, batch, bands})};
  auto *target = out.target.data<float>(), *before = out.before.data<float>();
  for (int64_t b = 0; b < batch; ++b) {
    const FrameRows& rows = *pairs[static_cast<size_t>(b)].frames;
    const auto frame = [&](int64_t t) { return rows.values.data() + std::min(t, rows.steps() - 1) * bands; };
    const int64_t own = (rows.steps() + reduction - 1) / reduction;
    for (int64_t t = 0; t < own * reduction; ++t) std::copy_n(frame(t), bands, target + (t * batch + b) * bands);
    for (int64_t u = 1; u < own; ++u) std::copy_n(frame(u * reduction - 1), bands, before + (u * batch + b) * bands);
  }
  return out;
}

// W of Tachibana et al. [U, B, S]: 0 on the diagonal of each text, near 1 far from it, 0 in the padding.
Tensor far_from_diagonal(const SpeechModel::Taught& taught, double width, DType dtype) {
  const Shape shape = taught.weights.shape();
  Tensor out = Tensor::zeros(shape);
  auto* to = out.data<float>();
  for (int64_t b = 0; b < shape[1]; ++b) {
    const int64_t steps = taught.steps[static_cast<size_t>(b)], symbols = taught.symbols[static_cast<size_t>(b)];
    for (int64_t u = 0; u < steps; ++u) {
      for (int64_t s = 0; s < symbols; ++s) {
        const double off =
            static_cast<double>(u) / static_cast<double>(steps) - static_cast<double>(s) / static_cast<double>(symbols);
        to[(u * shape[1] + b) * shape[2] + s] = static_cast<float>(1 - std::exp(-off * off / (2 * width * width)));
      }
    }
  }
  return cast(out, dtype);
}

}  // namespace

double least_speech_parameters(const SynthesizeModelOptions& o, const SpeechSizes& sizes) {
  const auto real = [](int64_t n) { return static_cast<double>(n); };
  const RecurrentOptions decoder = decoder_layers(o.rnn, {.hidden = o.decoder_hidden, .layers = o.decoder_layers});
  return real(sizes.symbols) * real(o.embedding) +
         real(o.conv_layers) * real(o.embedding) * real(o.embedding) * real(o.conv_kernel) + least_parameters(o.rnn) +
         real(o.prenet) * (real(sizes.bands) + real(o.prenet)) + least_parameters(decoder) +
         real(o.decoder_hidden) * (real(sizes.bands) * real(o.reduction) + real(o.attention_units)) +
         (o.postnet_layers < 2 ? 0
                               : real(o.postnet) * real(o.conv_kernel) *
                                     (real(sizes.bands) + real(o.postnet) * real(o.postnet_layers - 2)));
}

SpeechModel::SpeechModel(const SynthesizeOptions& options, const SpeechSizes& sizes, Random& random)
    : options_(options),
      bands_(sizes.bands),
      embedding_({.vocabulary = sizes.symbols, .features = options.model.embedding}, random),
      convolutions_([&] {
        const SynthesizeModelOptions& o = options.model;
        std::vector<TimeConv> made;
        for (int64_t k = 0; k < o.conv_layers; ++k)
          made.emplace_back(TimeConvOptions{.in = o.embedding, .out = o.embedding, .kernel = o.conv_kernel}, random);
        return made;
      }()),
      encoder_(encoder_options(options.model), random),
      prenet_({Linear({.in = sizes.bands, .out = options.model.prenet}, random),
               Linear({.in = options.model.prenet, .out = options.model.prenet}, random)}),
      decoder_(decoder_options(options.model, encoder_.output_features()), random),
      frames_({.in = decoder_.output_features(), .out = sizes.bands * options.model.reduction}, random),
      stop_({.in = decoder_.output_features(), .out = 1}, random) {
  register_module("embedding", embedding_);
  for (size_t k = 0; k < convolutions_.size(); ++k) register_module(fmt::format("conv{}", k), convolutions_[k]);
  register_module("encoder", encoder_);
  for (size_t k = 0; k < prenet_.size(); ++k) register_module(fmt::format("prenet{}", k), prenet_[k]);
  register_module("decoder", decoder_);
  register_module("frames", frames_);
  register_module("stop", stop_);
  const SynthesizeModelOptions& o = options.model;
  if (o.postnet < 1) return;
  for (int64_t k = 0; k < o.postnet_layers; ++k) {
    const bool last = k + 1 == o.postnet_layers;
    post_.emplace_back(
        TimeConvOptions{
            .in = k == 0 ? sizes.bands : o.postnet, .out = last ? sizes.bands : o.postnet, .kernel = o.conv_kernel},
        random);
    register_module(fmt::format("post{}", k), post_.back());
  }
}

SpeechModel::Read SpeechModel::read(std::span<const SpeechSymbols* const> texts, Mode mode,
                                    GradientTrace* trace) const {
  Read out;
  for (const SpeechSymbols* each : texts) out.lengths.push_back(std::ssize(*each));
  const auto batch = std::ssize(texts);
  Tensor ids = Tensor::zeros({*std::ranges::max_element(out.lengths), batch}, DType::kI32);
  for (int64_t b = 0; b < batch; ++b) {
    const SpeechSymbols& own = *texts[static_cast<size_t>(b)];
    for (size_t s = 0; s < own.size(); ++s) ids.data<int32_t>()[static_cast<int64_t>(s) * batch + b] = own[s];
  }
  const float dropout = options_.model.dropout;
  Tensor x = without_padding(embedding_(ids), out.lengths);
  for (const TimeConv& convolution : convolutions_) {
    x = without_padding(x + relu(convolution(x)), out.lengths);
    x = drop_features(x, dropout, false, mode);
  }
  const Tensor encoded = encoder_(x, {.lengths = out.lengths, .mode = mode, .trace = trace}).y;
  out.memory = decoder_.read(encoded, out.lengths);
  out.first = decoder_.first_state(pool_last(encoded, out.lengths, options_.model.rnn.bidirectional), out.memory);
  return out;
}

Tensor SpeechModel::before_decoder(const Tensor& frames, Mode mode) const {
  Tensor x = frames;
  for (const Linear& layer : prenet_) {
    x = drop_features(relu(layer(x)), options_.model.prenet_dropout, false, mode);
  }
  return x;
}

// Features [U, B, D] -> [U R, B, F].
Tensor SpeechModel::frames_of(const Tensor& features) const {
  const int64_t steps = features.size(0), batch = features.size(1);
  const Tensor all = reshape(frames_(features), {steps, batch, reduction(), bands_});
  return reshape(permute(all, {0, 2, 1, 3}), {steps * reduction(), batch, bands_});
}

Tensor SpeechModel::bettered(const Tensor& frames, const std::vector<int64_t>& lengths) const {
  if (post_.empty()) return frames;
  Tensor x = without_padding(frames, lengths);
  for (size_t k = 0; k < post_.size(); ++k) {
    x = post_[k](x);
    if (k + 1 < post_.size()) x = without_padding(tanh(x), lengths);
  }
  return frames + x;
}

SpeechModel::Taught SpeechModel::teach(std::span<const SpeechPair> pairs, Mode mode, GradientTrace* trace) const {
  Taught out;
  std::vector<const SpeechSymbols*> texts;
  for (const SpeechPair& each : pairs) {
    texts.push_back(each.symbols);
    out.symbols.push_back(std::ssize(*each.symbols));
    out.frames.push_back(each.frames->steps());
    out.steps.push_back((out.frames.back() + reduction() - 1) / reduction());
  }
  const Read read = this->read(texts, mode, trace);
  const FrameTensors own = tensors_of(pairs, *std::ranges::max_element(out.steps), reduction(), bands_);
  out.target = cast(own.target, dtype());
  const Tensor x = before_decoder(cast(own.before, dtype()), mode);
  const AttentionDecoder::Output made = decoder_(x, read.first, read.memory, mode, out.steps);
  out.before = frames_of(made.features);
  out.after = bettered(out.before, out.frames);
  out.stop = reshape(stop_(made.features), {made.features.size(0), made.features.size(1)});
  out.weights = made.weights;
  return out;
}

Tensor SpeechModel::losses(const Taught& taught) const {
  constexpr float kWeightOfEnd = 5;  // there is one last step, and many others
  const int64_t steps = taught.weights.size(0), batch = taught.weights.size(1);
  const auto distance = [&](const Tensor& frames) {  // [T, B]
    const Tensor off = frames - taught.target;
    return mean(abs(off) + square(off), 2);
  };
  const Tensor frames =
      sum((distance(taught.before) + distance(taught.after)) * within(steps * reduction(), taught.frames, dtype()), 0);
  Tensor ends = Tensor::zeros({steps, batch}), weights = within(steps, taught.steps, DType::kF32);
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t last = (taught.steps[static_cast<size_t>(b)] - 1) * batch + b;
    ends.data<float>()[last] = 1;
    weights.data<float>()[last] = kWeightOfEnd;
  }
  const Tensor stop = sum(
      binary_cross_entropy_with_logits(taught.stop, cast(ends, dtype()), Reduction::kNone) * cast(weights, dtype()), 0);
  Tensor all = frames + stop * static_cast<double>(reduction());
  const SynthesizeLearningOptions& learning = options_.learning;
  if (learning.guide > 0) {
    const Tensor far = sum(sum(taught.weights * far_from_diagonal(taught, learning.guide_width, dtype()), 2), 0);
    all = all + far * (learning.guide * static_cast<double>(reduction()));
  }
  return all;
}

std::vector<SpokenFrames> SpeechModel::speak(std::span<const SpeechSymbols* const> texts,
                                             const SpeakLimits& limits) const {
  const autograd::NoGrad no_grad;
  const Mode mode = Mode::evaluation();
  const Read read = this->read(texts, mode, nullptr);
  const auto batch = std::ssize(texts);
  struct Place {
    int64_t bound = 0, lingered = 0;  // in steps
    bool running = true;
  };
  std::vector<Place> places(texts.size());
  std::vector<SpokenFrames> out(texts.size());
  constexpr double kSlower = 3, kMostSteps = 1 << 16;
  for (size_t b = 0; b < texts.size(); ++b) {
    const double frames = kSlower * limits.frames_per_symbol * static_cast<double>(read.lengths[b]) + 80;
    places[b].bound = static_cast<int64_t>(std::min(frames / static_cast<double>(reduction()) + 1, kMostSteps));
    out[b].frames.width = bands_;
  }
  const int64_t linger = std::max<int64_t>(limits.linger / reduction(), 1);
  DecoderState state = read.first;
  Tensor before = Tensor::zeros({1, batch, bands_}, dtype());
  Tensors steps;
  for (int64_t u = 0; std::ranges::any_of(places, &Place::running); ++u) {
    check_stop();
    const AttentionDecoder::Output made = decoder_(before_decoder(before, mode), state, read.memory, mode);
    state = made.state;
    const Tensor frames = frames_of(made.features);
    steps.push_back(frames);
    before = rows(frames, reduction() - 1, reduction());
    const Tensor stop = cast(stop_(made.features), DType::kF32), weights = cast(made.weights, DType::kF32);
    for (size_t b = 0; b < texts.size(); ++b) {
      Place& place = places[b];
      if (!place.running) continue;
      const int64_t symbols = read.lengths[b];
      const float* row = weights.values<float>().data() + static_cast<int64_t>(b) * weights.size(2);
      out[b].weights.emplace_back(row, row + symbols);
      const bool at_end = std::max_element(row, row + symbols) - row == symbols - 1;
      place.lingered = at_end ? place.lingered + 1 : 0;
      if (stop.values<float>()[b] > 0) {
        out[b].ended = "stop";
      } else if (place.lingered >= linger) {
        out[b].ended = "attention";
      } else if (u + 1 >= place.bound) {
        out[b].ended = "bound";
      }
      place.running = out[b].ended.empty();
    }
  }
  std::vector<int64_t> lengths;
  for (const SpokenFrames& each : out) lengths.push_back(std::ssize(each.weights) * reduction());
  const Tensor all = cast(bettered(concat(steps, 0), lengths), DType::kF32);
  for (int64_t b = 0; b < batch; ++b) {
    std::vector<float>& to = out[static_cast<size_t>(b)].frames.values;
    for (int64_t t = 0; t < lengths[static_cast<size_t>(b)]; ++t) {
      const float* row = all.values<float>().data() + (t * batch + b) * bands_;
      to.insert(to.end(), row, row + bands_);
    }
  }
  return out;
}

}  // namespace recur
