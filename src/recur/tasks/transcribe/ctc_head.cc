#include "recur/tasks/transcribe/ctc_head.h"

#include <algorithm>
#include <utility>

#include "recur/base/threads.h"
#include "recur/ops/cast.h"
#include "recur/ops/ctc_loss.h"
#include "recur/ops/softmax.h"

namespace recur {
namespace {

// A symbol is said when the best of a step is another one than that of the step before, and its end is known when it
// changes again.
class GreedyStream : public HeadStream {
 public:
  GreedyStream(const CtcHead& head, std::optional<int32_t> unknown) : head_(head), unknown_(unknown) {
    last_.symbol = head.blank();
  }

  std::vector<SaidSymbol> take(const Tensor& y) override {
    std::vector<SaidSymbol> out;
    const Tensor p = head_.log_probabilities(y, unknown_);
    const CtcSteps steps(p, 0, p.size(0), head_.blank());
    for (int64_t t = 0; t < steps.steps(); ++t, ++step_) {
      const auto at = std::ranges::max_element(steps[t]);
      const auto best = static_cast<int32_t>(at - steps[t].begin());
      if (best == last_.symbol) {
        last_.end = step_ + 1;
        last_.log_probability = std::max(last_.log_probability, double{*at});
        continue;
      }
      end(out);
      last_ = {.symbol = best, .begin = step_, .end = step_ + 1, .log_probability = double{*at}};
    }
    return out;
  }

  std::vector<SaidSymbol> finish() override {
    std::vector<SaidSymbol> out;
    end(out);
    last_.symbol = head_.blank();
    return out;
  }

 private:
  void end(std::vector<SaidSymbol>& out) const {
    if (last_.symbol != head_.blank()) out.push_back(last_);
  }

  const CtcHead& head_;
  std::optional<int32_t> unknown_;
  SaidSymbol last_;  // the best of the last step, or the blank
  int64_t step_ = 0;
};

std::vector<SaidText> search_one(const CtcSteps& steps, const HeadSearch& how) {
  std::vector<CtcHypothesis> found;
  if (how.width == 1 && how.scorer == nullptr) {
    found.push_back(ctc_greedy(steps));
  } else {
    found = ctc_beam(steps, {.width = how.width, .n_best = how.n_best, .scorer = how.scorer});
  }
  std::vector<SaidText> out;
  for (const CtcHypothesis& each : found) {
    out.push_back({.symbols = placed_by_ctc(steps, each.symbols), .score = each.score});
  }
  return out;
}

}  // namespace

std::vector<SaidSymbol> placed_by_ctc(const CtcSteps& steps, const TextSymbols& text) {
  const std::vector<CtcSpan> spans = ctc_align(steps, text);
  std::vector<SaidSymbol> out;
  for (size_t k = 0; k < text.size(); ++k) {
    out.push_back({.symbol = text[k]});
    if (spans.empty()) continue;
    out.back().begin = spans[k].begin;
    out.back().end = spans[k].end;
    out.back().log_probability = spans[k].log_probability;
  }
  return out;
}

Tensor label_columns(std::span<const TextSymbols* const> texts) {
  size_t longest = 0;
  for (const auto* each : texts) longest = std::max(longest, each->size());
  Tensor out = Tensor::full({static_cast<int64_t>(longest), std::ssize(texts)}, -1, DType::kI32);
  auto* to = out.data<int32_t>();
  for (size_t b = 0; b < texts.size(); ++b) {
    for (size_t s = 0; s < texts[b]->size(); ++s) to[s * texts.size() + b] = (*texts[b])[s];
  }
  return out;
}

CtcHead::CtcHead(const HeadSizes& sizes, Random& random)
    : output_({.in = sizes.features, .out = sizes.symbols}, random) {
  register_parameter("weight", output_.weight);
  register_parameter("bias", output_.bias);
}

Tensor CtcHead::losses(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts, Mode) const {
  const Tensor lengths = Tensor::from(sounds.lengths, {std::ssize(sounds.lengths)});
  return ctc_loss(output_(sounds.y), label_columns(texts), lengths, blank());
}

Tensor CtcHead::log_probabilities(const Tensor& y, std::optional<int32_t> unknown) const {
  Tensor out = log_softmax(cast(output_(y), DType::kF32), 2);
  if (!unknown) return out;
  constexpr float kNever = -1e30f;
  auto* to = out.data<float>();
  for (int64_t at = *unknown; at < out.numel(); at += out.size(2)) to[at] = kNever;
  return out;
}

std::vector<std::vector<SaidText>> CtcHead::search(const EncodedSounds& sounds, const HeadSearch& how) const {
  const Tensor p = log_probabilities(sounds.y, how.unknown);
  std::vector<std::vector<SaidText>> out(sounds.lengths.size());
  parallel_for(std::ssize(out), 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      out[static_cast<size_t>(b)] = search_one(CtcSteps(p, b, sounds.lengths[static_cast<size_t>(b)], blank()), how);
    }
  });
  return out;
}

std::unique_ptr<HeadStream> CtcHead::stream(const HeadSearch& how) const {
  if (how.width > 1 || how.scorer != nullptr) return nullptr;
  return std::make_unique<GreedyStream>(*this, how.unknown);
}

}  // namespace recur
