// A transducer (ops/transducer_loss.h): a recurrent network reads what has been said, and joined with a step of the
// sound it says the next symbol or waits for the next step.
#pragma once

#include "recur/decode/transducer_search.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/transcribe/transcribe_head.h"

namespace recur {

// output tanh(sound y_t + said g_u), where g_u is what recurrent layers give after u symbols, the blank standing for
// the beginning (Graves, Mohamed and Hinton 2013). Parameters: embedding.*, rnn.*, sound.*, said.*, output.*.
class TransducerHead : public TranscribeHead {
 public:
  TransducerHead(const TranscribeModelOptions& options, const HeadSizes& sizes, Random& random);

  // Of few sounds at a time: joint features and logits of T (U + 1) rows are made for about kMostNumbers numbers, and
  // where a batch has more, they are made once more for the gradients. Throws Error where those of one sound alone are
  // more than kFarTooMany.
  Tensor losses(const EncodedSounds& sounds, std::span<const TextSymbols* const> texts, Mode mode) const override;
  std::vector<std::vector<SaidText>> search(const EncodedSounds& sounds, const HeadSearch& how) const override;
  std::unique_ptr<HeadStream> stream(const HeadSearch& how) const override;

  static constexpr int64_t kMostNumbers = int64_t{1} << 24, kFarTooMany = int64_t{1} << 29;

 private:
  class Network;
  class Stream;
  Tensor read(const Tensor& symbols, Mode mode, const std::vector<int64_t>& lengths) const;  // i32 [U, B] -> [U, B, J]
  int32_t blank() const { return static_cast<int32_t>(output_.weight->size(0)) - 1; }

  Embedding embedding_;
  Recurrent rnn_;
  Linear sound_, said_, output_;
  float dropout_;
};

}  // namespace recur
