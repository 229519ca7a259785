// The network of transcription: convolutions that shorten the time, recurrent layers, and what writes the text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "recur/data/audio/spectral_features.h"
#include "recur/nn/attention_blocks.h"
#include "recur/nn/pyramid.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"
#include "recur/tasks/transcribe/transcribe_head.h"
#include "recur/tasks/transcribe/transcribe_options.h"

namespace recur {

struct TranscribeSizes {
  int64_t features = 0, symbols = 0;  // F and V, the blank included
};

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const TranscribeModelOptions& options, const TranscribeSizes& sizes, int64_t elements);

// Sounds of a batch, the shorter ones padded with zeros.
struct SoundBatch {
  Tensor x;  // [T, B, F]
  std::vector<int64_t> lengths;
};
SoundBatch batch_of(std::span<const FrameRows* const> rows);

// The steps that are left of so many, and how many go into one of them.
int64_t subsampled(int64_t steps, const TranscribeModelOptions& options);
int64_t subsampling(const TranscribeModelOptions& options);

// Parameters: front.*, conv.*, recurrent.*, pyramid.*, blocks.*, output.* (of the head).
class TranscribeModel : public Module {
 public:
  TranscribeModel(const TranscribeOptions& options, const TranscribeSizes& sizes, Random& random);

  EncodedSounds encode(const SoundBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;
  // What its recurrent layers read of a batch.
  EncodedSounds shorten(const SoundBatch& batch, Mode mode) const;
  const TranscribeHead& head() const { return *head_; }

  const ConvStack& front() const { return front_; }
  const ConvStack& conv() const { return conv_; }
  const Recurrent& recurrent() const { return recurrent_; }
  DType dtype() const { return head_->parameters()[0].dtype(); }

 private:
  int64_t encoded_features() const { return pyramid_ ? pyramid_->output_features() : recurrent_.output_features(); }

  TranscribeModelOptions options_;
  ConvStack front_;  // the layers that shorten the time
  ConvStack conv_;   // those behind them
  Recurrent recurrent_;
  std::optional<Pyramid> pyramid_;
  std::optional<AttentionBlocks> blocks_;
  std::shared_ptr<const TranscribeHead> head_;
};

}  // namespace recur
