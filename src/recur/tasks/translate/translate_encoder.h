// Encodes sources and targets as symbols. The vocabularies are those of the training part only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/dataset.h"
#include "recur/data/files/valid_utf8.h"
#include "recur/data/text/text_pairs.h"
#include "recur/data/text/tokenizer.h"
#include "recur/tasks/trained.h"
#include "recur/tasks/translate/translate_options.h"
#include "recur/tensor/tensor.h"

namespace recur {

// Symbols of a pair; a source has its end symbol, a target has not.
struct EncodedPair {
  std::vector<int32_t> source, target;
};

// Sources, the shorter ones padded: ids i32 [S, B].
struct SourceBatch {
  Tensor ids;
  std::vector<int64_t> lengths;
};

// Targets: what the decoder is given, and what it is to say.
struct TargetBatch {
  Tensor inputs;   // i32 [T, B]: the end symbol, then the target; the end symbol in the padding
  Tensor targets;  // i32 [T, B]: the target, then the end symbol; kNoSymbol in the padding
  std::vector<int64_t> lengths;
  int64_t symbols = 0;  // that count
};
constexpr int32_t kNoSymbol = -1;

class TranslateEncoder {
 public:
  // The kinds of tokens must have been chosen: not "auto".
  static TranslateEncoder fit(std::span<const TextPair> train, const TranslateDataOptions& options);
  explicit TranslateEncoder(const Assets& assets);  // throws Error: they are untrusted input
  Assets assets() const;

  // V of each side; the last symbol is the end of a sequence, which also begins one.
  int64_t source_symbols() const { return source_->size() + 1; }
  int64_t target_symbols() const { return target_->size() + 1; }
  int32_t end() const { return target_->size(); }
  const Tokenizer& source_tokens() const { return *source_; }
  const Tokenizer& target_tokens() const { return *target_; }
  bool is_joint() const { return source_ == target_; }

  std::vector<int32_t> source(std::string_view text) const;  // with the end symbol
  std::vector<int32_t> target(std::string_view text) const;
  EncodedPair pair(const TextPair& pair) const { return {source(pair.source), target(pair.target)}; }
  // Split into subwords anew, see SubwordDropout; symbols of other kinds are as ever.
  EncodedPair pair(const TextPair& pair, double dropout, Random& random) const;
  // UTF-8, whatever bytes the symbols are.
  std::string text(std::span<const int32_t> target) const { return valid_utf8(target_->decode(target)); }

  static SourceBatch sources(std::span<const std::vector<int32_t>* const> sources);
  TargetBatch targets(std::span<const std::vector<int32_t>* const> targets) const {
    return TranslateEncoder::targets(targets, end());
  }
  static TargetBatch targets(std::span<const std::vector<int32_t>* const> targets, int32_t end);

 private:
  TranslateEncoder() = default;

  std::shared_ptr<const Tokenizer> source_, target_;  // the same one, of a joint vocabulary
};

// What metrics count of a text: its words, or its characters where the targets are split into these.
std::vector<std::string_view> counted_tokens(const TranslateEncoder& encoder, std::string_view text);

// "words" or "chars" in the place of "auto". Says what it has chosen.
void choose_tokens(TranslateDataOptions& options, std::span<const TextPair> train);

}  // namespace recur
