#include "recur/tasks/transcribe/attention_head.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "recur/base/error.h"
#include "recur/decode/beam_search.h"
#include "recur/decode/ctc_joint_steps.h"
#include "recur/decode/scored_steps.h"
#include "recur/nn/dropout.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

constexpr int32_t kNoTarget = -1;

AttentionDecoderOptions decoder_of(const TranscribeModelOptions& o, int64_t memory) {
  return {
      .rnn = decoder_layers(
          o.rnn, {.input = o.embedding, .hidden = o.decoder_hidden, .layers = o.decoder_layers, .dropout = o.dropout}),
      .memory = memory,
      .attention = o.attention,
      .heads = o.heads,
      .dropout = o.dropout,
      .location = o.attention == "multi_head" ? 0 : o.attention_location};
}

// The end, then the texts; and the texts, then the end: i32 [U + 1, B].
struct TaughtTexts {
  Tensor inputs, targets;
  std::vector<int64_t> lengths;
};

TaughtTexts taught(std::span<const TextSymbols* const> texts, int32_t end) {
  TaughtTexts out;
  for (const TextSymbols* each : texts) out.lengths.push_back(std::ssize(*each) + 1);
  const auto batch = std::ssize(texts);
  const int64_t longest = batch == 0 ? 1 : *std::ranges::max_element(out.lengths);
  out.inputs = Tensor::full({longest, batch}, static_cast<double>(end), DType::kI32);
  out.targets = Tensor::full({longest, batch}, kNoTarget, DType::kI32);
  auto *from = out.inputs.data<int32_t>(), *to = out.targets.data<int32_t>();
  for (int64_t b = 0; b < batch; ++b) {
    const TextSymbols& text = *texts[static_cast<size_t>(b)];
    const auto count = std::ssize(text);
    for (int64_t u = 0; u < count; ++u) from[(u + 1) * batch + b] = to[u * batch + b] = text[static_cast<size_t>(u)];
    to[count * batch + b] = end;
  }
  return out;
}

EncodedSounds one_of(const EncodedSounds& sounds, int64_t b) {
  const int64_t length = sounds.lengths[static_cast<size_t>(b)];
  return {.y = rows(slice(sounds.y, {1, b}, 1), 0, length), .lengths = {length}};
}

}  // namespace

AttentionHead::AttentionHead(const TranscribeOptions& options, const HeadSizes& sizes, Random& random)
    : embedding_({.vocabulary = sizes.symbols, .features = options.model.embedding}, random),
      decoder_(decoder_of(options.model, sizes.features), random),
      output_({.in = decoder_.output_features(), .out = sizes.symbols}, random),
      bidirectional_(options.model.rnn.bidirectional),
      ctc_share_(options.learning.ctc_share),
      smoothing_(options.learning.smoothing),
      dropout_(options.model.dropout) {
  register_module("embedding", embedding_);
  register_module("decoder", decoder_);
  register_module("output", output_);
  if (options.model.output != "ctc_attention") return;
  ctc_.emplace(sizes, random);
  register_module("ctc", *ctc_);
}

DecoderState AttentionHead::first_state(const EncodedSounds& sounds, const AttentionMemory& memory) const {
  return decoder_.first_state(pool_last(sounds.y, sounds.lengths, bidirectional_), memory);
}

AttentionDecoder::Output AttentionHead::write(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts,
                                              Mode mode) const {
  const TaughtTexts text = taught(texts, end());
  const AttentionMemory memory = decoder_.read(sounds.y, sounds.lengths);
  const Tensor x = drop_features(embedding_(text.inputs), dropout_, false, mode);
  return decoder_(x, first_state(sounds, memory), memory, mode, text.lengths);
}

Tensor AttentionHead::losses(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts, Mode mode) const {
  const Tensor logits = output_(write(sounds, texts, mode).features);
  const CrossEntropyOptions options{
      .ignored = kNoTarget, .smoothing = mode.is_training() ? smoothing_ : 0, .reduction = Reduction::kNone};
  Tensor written = sum(cross_entropy(logits, taught(texts, end()).targets, options), 0);
  if (!ctc_) return written;
  return written * (1 - ctc_share_) + ctc_->losses(sounds, texts, mode) * ctc_share_;
}

AttentionDecoder::Output AttentionHead::step(const Tensor& symbols, const DecoderState& state,
                                             const AttentionMemory& memory) const {
  return decoder_(embedding_(symbols), state, memory, Mode::evaluation());
}

std::vector<std::vector<SaidText>> AttentionHead::search(const EncodedSounds& sounds, const HeadSearch& how) const {
  const AttentionMemory memory = decoder_.read(sounds.y, sounds.lengths);
  const AttentionSteps decoder({.symbols = output_.weight->size(0),
                                .write = [this](const Tensor& symbols, const DecoderState& state,
                                                const AttentionMemory& read) { return step(symbols, state, read); },
                                .logits = [this](const Tensor& features) { return output_(features); }},
                               memory, first_state(sounds, memory), how.unknown);
  const Tensor ctc = ctc_ ? ctc_->log_probabilities(sounds.y, how.unknown) : Tensor();
  std::optional<CtcJointSteps> joint;
  if (ctc_ && how.ctc_weight > 0) joint.emplace(decoder, ctc, sounds.lengths, how.ctc_weight);
  std::vector<BeamInput> inputs;
  for (const int64_t length : sounds.lengths) inputs.push_back({.longest = length, .positions = length});
  const StepModel& heard = joint ? static_cast<const StepModel&>(*joint) : decoder;
  std::optional<ScoredSteps> scored;
  if (how.scorer != nullptr) scored.emplace(heard, *how.scorer, end());
  const auto found = beam_search(scored ? static_cast<const StepModel&>(*scored) : heard, inputs,
                                 {.first = end(),
                                  .end = end(),
                                  .width = how.width,
                                  .n_best = how.n_best,
                                  .may_rise = how.scorer != nullptr && how.may_rise});
  std::vector<std::vector<SaidText>> out(found.size());
  for (size_t b = 0; b < found.size(); ++b) {
    const auto at = static_cast<int64_t>(b);
    const EncodedSounds own = one_of(sounds, at);
    const Tensor own_ctc = ctc.defined() ? slice(ctc, {1, at}, 1) : Tensor();
    for (const Hypothesis& each : found[b]) {
      // Of a text that had to end where the scorer allows none the score is -infinity.
      const double score = std::max(each.score, std::numeric_limits<double>::lowest());
      out[b].push_back({.symbols = placed(own, each.symbols, own_ctc), .score = score});
    }
  }
  return out;
}

// Confidence is what the decoder gives for each symbol, times come from CTC where there is one.
std::vector<SaidSymbol> AttentionHead::placed(const EncodedSounds& sound, const TextSymbols& text,
                                              const Tensor& ctc) const {
  if (text.empty()) return {};
  const TextSymbols* const texts[] = {&text};
  const AttentionDecoder::Output out = write(sound, texts, Mode::evaluation());
  const Tensor p = log_softmax(cast(output_(out.features), DType::kF32), 2);  // [U + 1, 1, V]
  const Tensor weights = cast(out.weights, DType::kF32);                      // [U + 1, 1, S]
  std::vector<SaidSymbol> said;
  if (ctc.defined()) said = placed_by_ctc(CtcSteps(ctc, 0, sound.lengths[0], end()), text);
  said.resize(text.size());
  for (size_t u = 0; u < text.size(); ++u) {
    said[u].symbol = text[u];
    said[u].log_probability =
        double{p.values<float>()[u * static_cast<size_t>(p.size(2)) + static_cast<size_t>(text[u])]};
    if (said[u].end > 0) continue;
    const float* own = weights.values<float>().data() + static_cast<int64_t>(u) * weights.size(2);
    said[u].begin = std::max_element(own, own + weights.size(2)) - own;
    said[u].end = said[u].begin + 1;
  }
  return said;
}

Tensor AttentionHead::attention(const EncodedSounds& sound, const TextSymbols& text) const {
  const TextSymbols* const texts[] = {&text};
  const Tensor weights = write(sound, texts, Mode::evaluation()).weights;
  return reshape(weights, {weights.size(0), weights.size(2)});
}

}  // namespace recur
