// The network of captions: an encoder sees the regions of a picture, a decoder with attention writes the caption.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "recur/nn/attention_decoder.h"
#include "recur/nn/embedding.h"
#include "recur/nn/frame_encoder.h"
#include "recur/nn/linear.h"
#include "recur/ops/reduction.h"
#include "recur/tasks/caption/caption_encoder.h"
#include "recur/tasks/caption/caption_options.h"

namespace recur {

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const CaptionModelOptions& options, const CaptionEncoder& encoder, int64_t elements);

// Show, attend and tell (Xu et al. 2015), with its soft attention. The first state is made of the mean of the regions.
// Parameters: pictures.* or project.* (of features; neither where `blind`), embedding.weight, decoder.*, output.weight
// (not when tied) and output.bias.
class CaptionModel : public Module {
 public:
  CaptionModel(const CaptionModelOptions& options, const CaptionShape& shape, int64_t symbols, Random& random);

  // A batch of images, seen.
  struct Seen {
    AttentionMemory memory;
    DecoderState first;  // of the decoder
  };
  // values [N, values of an image]; with `of` i32 [K], the images of K captions.
  Seen see(const Tensor& values, Mode mode, const Tensor& of = {}) const;

  // The decoder is given symbols i32 [T, K], of captions of these lengths (empty: all T).
  AttentionDecoder::Output write(const Tensor& symbols, const DecoderState& state, const AttentionMemory& memory,
                                 Mode mode, const std::vector<int64_t>& lengths = {}) const;
  Tensor logits(const Tensor& features) const { return output_(features); }  // [..., V]

  struct Losses {
    Tensor nats;     // [T, K], zeros in the padding
    Tensor penalty;  // []: sum over captions and regions of (1 - sum_t a_ti)^2
  };
  Losses losses(const CaptionTargets& target, const Seen& seen, double smoothing, Mode mode) const;

  // Regions of a picture, as rows and columns; of features, one row.
  int64_t region_rows() const;
  int64_t region_columns() const;
  int64_t regions() const { return region_rows() * region_columns(); }
  int64_t symbols() const { return embedding_.weight->size(0); }

 private:
  Tensor embed(const Tensor& symbols, Mode mode) const;
  Tensor regions_of(const Tensor& values, Mode mode) const;  // [N, S, E]

  CaptionModelOptions options_;
  CaptionShape shape_;
  std::optional<FrameEncoder> pictures_;
  std::optional<Linear> project_;
  Embedding embedding_;
  AttentionDecoder decoder_;
  Linear output_;
};

}  // namespace recur
