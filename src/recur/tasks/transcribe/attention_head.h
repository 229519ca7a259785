// A recurrent decoder with attention writes the text (Chorowski et al. 2015), alone or together with CTC (Watanabe et
// al. 2017).
#pragma once

#include <optional>

#include "recur/decode/attention_steps.h"
#include "recur/nn/attention_decoder.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/tasks/transcribe/ctc_head.h"

namespace recur {

// Parameters: embedding.*, decoder.*, output.*, ctc.* (output = ctc_attention).
class AttentionHead : public TranscribeHead {
 public:
  AttentionHead(const TranscribeOptions& options, const HeadSizes& sizes, Random& random);

  // Of the text and its end, by cross-entropy; with CTC the weighted sum of both losses.
  Tensor losses(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts, Mode mode) const override;
  // Beam search; with CTC over the weighted sum of both ln P (decode/ctc_joint_steps.h), and what a scorer adds. Times
  // are those of CTC, or the steps at which the decoder looked most. No text has more symbols than its sound has steps.
  std::vector<std::vector<SaidText>> search(const EncodedSounds& sounds, const HeadSearch& how) const override;

  // The weights of attention [U + 1, S] with which the text of one sound and its end are written.
  Tensor attention(const EncodedSounds& sound, const TextSymbols& text) const;

 private:
  AttentionDecoder::Output write(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts,
                                 Mode mode) const;
  AttentionDecoder::Output step(const Tensor& symbols, const DecoderState& state, const AttentionMemory& memory) const;
  DecoderState first_state(const EncodedSounds& sounds, const AttentionMemory& memory) const;
  std::vector<SaidSymbol> placed(const EncodedSounds& sound, const TextSymbols& text, const Tensor& ctc) const;
  int32_t end() const { return static_cast<int32_t>(output_.weight->size(0)) - 1; }

  Embedding embedding_;
  AttentionDecoder decoder_;
  Linear output_;
  std::optional<CtcHead> ctc_;
  bool bidirectional_;
  double ctc_share_, smoothing_;
  float dropout_;
};

}  // namespace recur
