// Texts cut into what a speaker knows by name: characters, or phonemes and punctuation.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/synthesize/pronouncer.h"
#include "recur/tasks/synthesize/speech_gaps.h"

namespace recur {

struct SpeechPiece {
  std::string symbol;
  bool is_said = false;  // a letter, digit or phoneme: a text without any is silent
  bool is_blank = false;
  bool ends_sentence = false;
};

// Const: any number of threads may use one.
class SpeechReader {
 public:
  virtual ~SpeechReader() = default;

  // Throws Error for what is no UTF-8. What cannot be pronounced is counted.
  virtual std::vector<SpeechPiece> read(std::string_view text, SpeechGaps& gaps) const = 0;
  // Many texts are about to be read, which is faster when they are known at once.
  virtual void prepare(std::span<const std::string>) const {}
  // What pieces are, else characters.
  virtual bool reads_phonemes() const = 0;

 protected:
  SpeechReader() = default;
};

// Each code point is a piece; capital letters are read as small ones where `lower_case`.
std::unique_ptr<const SpeechReader> character_reader(bool lower_case);

// With a pronouncer: words become phonemes, each a piece; what stands between words is pieces of a character each.
// Without (null): what stands between blanks is a piece. In both, {HH AH L OW}, braces at the first and last symbol,
// are the phonemes of a word, taken as they are.
std::unique_ptr<const SpeechReader> phoneme_reader(std::shared_ptr<const Pronouncer> pronouncer, bool lower_case);

}  // namespace recur
