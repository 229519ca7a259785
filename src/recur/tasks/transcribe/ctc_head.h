// Connectionist temporal classification (ops/ctc_loss.h): a symbol or a blank at each step.
#pragma once

#include "recur/nn/linear.h"
#include "recur/tasks/transcribe/transcribe_head.h"

namespace recur {

// Parameters: weight, bias.
class CtcHead : public TranscribeHead {
 public:
  CtcHead(const HeadSizes& sizes, Random& random);

  Tensor losses(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts, Mode mode) const override;
  std::vector<std::vector<SaidText>> search(const EncodedSounds& sounds, const HeadSearch& how) const override;
  // Greedy: a beam needs all of the sound.
  std::unique_ptr<HeadStream> stream(const HeadSearch& how) const override;

  // f32 [T, B, V]
  Tensor log_probabilities(const Tensor& y, std::optional<int32_t> unknown) const;
  int32_t blank() const { return static_cast<int32_t>(output_.weight->size(0)) - 1; }

 private:
  Linear output_;
};

// The symbols of a text with their places on its most probable path; as they are where it has none.
std::vector<SaidSymbol> placed_by_ctc(const CtcSteps& steps, const TextSymbols& text);

// Texts as the losses take them: i32 [S, B], -1 behind each.
Tensor label_columns(std::span<const TextSymbols* const> texts);

}  // namespace recur
