// Captions as symbols, and what the network is given of an image.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/caption_set.h"
#include "recur/data/text/tokenizer.h"
#include "recur/tasks/caption/caption_options.h"
#include "recur/tasks/trained.h"
#include "recur/tensor/tensor.h"

namespace recur {

constexpr int32_t kNoCaptionSymbol = -1;

using CaptionSymbols = std::vector<int32_t>;  // without the end

// An image with all its captions.
struct CaptionExample {
  std::vector<float> values;
  std::vector<CaptionSymbols> captions;
};

// What the decoder is given, and what it is to say: the end symbol, then the caption; the caption, then the end.
struct CaptionTargets {
  Tensor inputs, targets;  // i32 [T, K]; in the padding of targets kNoCaptionSymbol
  std::vector<int64_t> lengths;
  int64_t symbols = 0;  // that count
};
CaptionTargets caption_targets(std::span<const CaptionSymbols* const> captions, int32_t end);

// What a model keeps of its training data.
class CaptionEncoder {
 public:
  // The vocabulary is that of these captions.
  static CaptionEncoder fit(const CaptionSet& set, std::span<const int64_t> train, const TokenizerOptions& tokens);
  explicit CaptionEncoder(const Assets& assets);  // throws Error: they are untrusted input
  Assets assets() const;

  int64_t symbols() const { return tokens_->size() + 1; }  // V; the last one ends a caption, and begins it
  int32_t end() const { return tokens_->size(); }
  const Tokenizer& tokens() const { return *tokens_; }
  const CaptionShape& shape() const { return shape_; }
  // The training caption that agrees best with the captions of the other images, by CIDEr-D.
  const std::string& usual() const { return usual_; }

  CaptionSymbols encode(std::string_view caption) const { return tokens_->encode(caption); }

 private:
  CaptionEncoder() = default;

  std::shared_ptr<const Tokenizer> tokens_;
  CaptionShape shape_;
  std::string usual_;
};

// Of the captions of these images: among 200 of them, the most frequent ones first, that with the largest mean CIDEr-D
// over at most 400 images.
std::string most_usual_caption(const CaptionSet& set, std::span<const int64_t> which);

}  // namespace recur
