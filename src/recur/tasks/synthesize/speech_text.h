// Texts to be spoken, as symbols that the model knows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/text/tokenizer.h"
#include "recur/tasks/synthesize/speech_pieces.h"
#include "recur/tasks/trained.h"

namespace recur {

using SpeechSymbols = std::vector<int32_t>;

// How texts are read, and the vocabulary of the training texts. Const: any number of threads may use one.
class SpeechText {
 public:
  using Reader = std::shared_ptr<const SpeechReader>;

  static SpeechText fit(std::span<const std::string> texts, Reader reader);
  // The symbols of a file. Throws Error: they are untrusted input.
  SpeechText(const Assets& assets, Reader reader);
  Assets assets() const;
  // Whether the symbols of a file are phonemes, else characters.
  static bool has_phonemes(const Assets& assets);

  bool has_phonemes() const { return reader_->reads_phonemes(); }
  int64_t known() const { return tokens_->size() - 1; }  // characters or phonemes, with blank and punctuation
  // V: a symbol that is never used, for what is unknown, those that are known and, last, the end of a text.
  int64_t symbols() const { return int64_t{tokens_->size()} + 1; }
  int32_t end() const { return tokens_->size(); }

  // The symbols of a text and its end; those that the model does not know are left out and counted. A text without any
  // letter, digit or phoneme that is known has none: empty. Throws Error for what is no UTF-8.
  SpeechSymbols encode(std::string_view text, SpeechGaps& gaps) const;
  // The same of its sentences, which end with . ! ? ; : before a blank, and with lines; those of more than `most`
  // symbols in parts, cut at blanks, or anywhere where there are none. Silent ones are left out.
  std::vector<SpeechSymbols> sentences(std::string_view text, int64_t most, SpeechGaps& gaps) const;
  // Many texts are about to be read: faster when they are known at once.
  void prepare(std::span<const std::string> texts) const { reader_->prepare(texts); }
  // What each symbol is, for people; of the end "end".
  std::vector<std::string> names(std::span<const int32_t> symbols) const;

 private:
  struct Part;
  void add(const SpeechPiece& piece, Part& part, SpeechGaps& gaps) const;

  Reader reader_;
  std::shared_ptr<const Tokenizer> tokens_;
};

}  // namespace recur
