// Text as a sequence of symbols, numbered from 0: bytes, characters, words or subwords.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/text/text_source.h"

namespace recur {

// Immutable once made, so that any number of threads may use one.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  virtual std::string_view kind() const = 0;  // "bytes", "chars", "words" or "subwords"
  virtual int32_t size() const = 0;           // V: ids are 0 .. size-1

  // The id of whatever is not in the vocabulary; nothing where every text has ids.
  virtual std::optional<int32_t> unknown() const = 0;

  // The id written at the end of every line ("words" with end-of-sentence symbols), or nothing.
  virtual std::optional<int32_t> line_end() const { return std::nullopt; }

  virtual bool needs_utf8() const { return true; }

  // Appends the ids of the text. A long text may be given in parts that end as a TextBlock does. Throws Error at
  // invalid UTF-8 where needs_utf8().
  virtual void encode(std::string_view text, std::vector<int32_t>& out) const = 0;

  // What the symbol adds to the text when it follows `previous`, or comes first without one. The pieces of a sequence
  // put together are its text; one alone may be a part of a UTF-8 code point. 0 <= id < size.
  virtual std::string piece(int32_t id, std::optional<int32_t> previous) const = 0;

  // All that deserialize needs, as a JSON object.
  virtual std::string serialize() const = 0;

  // Throws Error when the text is not what serialize gives; it may come from anyone.
  static std::unique_ptr<Tokenizer> deserialize(std::string_view json);

  std::vector<int32_t> encode(std::string_view text) const;
  std::string decode(std::span<const int32_t> ids) const;  // throws Error when an id is out of range
};

struct TokenizerOptions {
  std::string kind = "chars";       // "bytes", "chars", "words" or "subwords"
  int64_t vocabulary = 0;           // most symbols: words 0 for all; subwords how many (0: 8000)
  int64_t min_count = 1;            // words, chars: rarer ones become the unknown symbol
  bool lower_case = false;          // words
  bool line_end_symbol = true;      // words: <eos> at the end of every line
  std::string model = "unigram";    // subwords: "unigram" (Kudo, 2018) or "bpe" (Sennrich et al., 2016)
  int64_t sample_bytes = 10 << 20;  // subwords: how much of the text the vocabulary is trained on
};

// Makes the tokenizer whose vocabulary is that of the range. Throws UsageError for options that make no sense, Error
// for a text that does not fit them.
std::unique_ptr<Tokenizer> fit_tokenizer(const TextSource& source, TextRange range, const TokenizerOptions& options);

// Where a text for this kind of tokenizer is cut to hold out a part: bytes and characters anywhere, words and subwords
// at line starts. Throws UsageError for an unknown kind.
SplitUnit split_unit(std::string_view kind);

}  // namespace recur
