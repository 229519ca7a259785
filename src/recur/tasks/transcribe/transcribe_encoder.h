// Encodes texts as symbols, and says at which rate sounds are read. The vocabulary is that of the training part only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/text/tokenizer.h"
#include "recur/tasks/trained.h"
#include "recur/tasks/transcribe/transcribe_options.h"

namespace recur {

class TranscribeEncoder {
 public:
  static TranscribeEncoder fit(std::span<const std::string> texts, const TokenizerOptions& tokens);
  explicit TranscribeEncoder(const Assets& assets);  // throws Error: they are untrusted input
  Assets assets() const;

  const Tokenizer& tokens() const { return *tokens_; }
  std::shared_ptr<const Tokenizer> shared_tokens() const { return tokens_; }
  // V: the symbols of the vocabulary and, last, the blank.
  int64_t symbols() const { return int64_t{tokens_->size()} + 1; }
  int32_t blank() const { return tokens_->size(); }

  std::vector<int32_t> encode(std::string_view text) const { return tokens_->encode(text); }
  std::string text(std::span<const int32_t> symbols) const;  // one space between words
  // What each symbol adds to the text.
  std::vector<std::string> pieces(std::span<const int32_t> symbols) const;

 private:
  std::shared_ptr<const Tokenizer> tokens_;
};

}  // namespace recur
