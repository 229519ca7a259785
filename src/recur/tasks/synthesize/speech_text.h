// Texts to be spoken, as characters that the model knows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/text/tokenizer.h"
#include "recur/tasks/trained.h"

namespace recur {

using SpeechSymbols = std::vector<int32_t>;

// The vocabulary of the training texts. Const: any number of threads may use one.
class SpeechText {
 public:
  static SpeechText fit(std::span<const std::string> texts, bool lower_case);
  SpeechText(const Assets& assets, bool lower_case);  // throws Error: they are untrusted input
  Assets assets() const;

  int64_t characters() const { return tokens_->size() - 1; }
  // V: a symbol that is never used, for what is unknown, the characters and, last, the end of a text.
  int64_t symbols() const { return int64_t{tokens_->size()} + 1; }
  int32_t end() const { return tokens_->size(); }

  // The symbols of a text and its end; characters that the model does not know are left out and counted. A text without
  // any letter or digit that is known has none: empty. Throws Error for what is no UTF-8.
  SpeechSymbols encode(std::string_view text, int64_t* unknown = nullptr) const;
  // What each symbol is, for people; of the end "end".
  std::vector<std::string> names(std::span<const int32_t> symbols) const;

 private:
  std::string prepared(std::string_view text) const;

  std::shared_ptr<const Tokenizer> tokens_;
  bool lower_case_;
};

// A text cut into sentences, after . ! ? ; : and line ends, and those of more than `most` characters at spaces, or
// anywhere where there are none.
std::vector<std::string> sentences_of(std::string_view text, int64_t most);

}  // namespace recur
