// Words as they stand between spaces, the convention of the Penn Treebank language modelling files (Mikolov et al.,
// 2010): an end-of-sentence symbol at the end of every line, and one symbol for all unknown words.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/base/json.h"
#include "recur/data/text/tokenizer.h"
#include "recur/data/text/vocabulary.h"

namespace recur {

// Ids are in order of frequency in the training text, the most frequent first. A text that uses <unk> already keeps it
// as its unknown symbol; to others it is added. White space is that of ASCII.
class WordTokenizer : public Tokenizer {
 public:
  static constexpr std::string_view kKind = "words";
  static constexpr SplitUnit kSplit = SplitUnit::kLine;
  static WordTokenizer fit(const TextSource& source, TextRange range, const TokenizerOptions& options);
  static WordTokenizer from_json(const Json& json);

  // The words must have <unk>, and <eos> if line_end_symbol; throws Error.
  WordTokenizer(Vocabulary vocabulary, bool lower, bool line_end_symbol);

  std::string_view kind() const override { return kKind; }
  int32_t size() const override { return vocabulary_.size(); }
  std::optional<int32_t> unknown() const override { return unknown_; }
  std::optional<int32_t> line_end() const override { return line_end_; }
  void encode(std::string_view text, std::vector<int32_t>& out) const override;
  using Tokenizer::encode;

  // Words are set apart by one space; lines end where their symbol is.
  std::string piece(int32_t id, std::optional<int32_t> previous) const override;
  std::string serialize() const override;

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  Vocabulary vocabulary_;
  bool lower_ = false;
  int32_t unknown_ = 0;
  std::optional<int32_t> line_end_;
};

}  // namespace recur
