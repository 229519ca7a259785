// Subwords by the SentencePiece library. The text is taken as it is: no normalisation, spaces kept, line ends and
// characters without a piece of their own as byte symbols, so that decoding gives back every UTF-8 text exactly.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "recur/base/json.h"
#include "recur/base/random.h"
#include "recur/data/text/subword_dropout.h"
#include "recur/data/text/tokenizer.h"

namespace recur {

class SubwordTokenizer : public Tokenizer {
 public:
  static constexpr std::string_view kKind = "subwords";
  static constexpr SplitUnit kSplit = SplitUnit::kLine;
  static SubwordTokenizer fit(const TextSource& source, TextRange range, const TokenizerOptions& options);
  static SubwordTokenizer from_json(const Json& json);

  // A serialised SentencePiece model with byte fallback; throws Error.
  explicit SubwordTokenizer(std::string model);

  std::string_view kind() const override { return kKind; }
  int32_t size() const override;
  std::optional<int32_t> unknown() const override { return std::nullopt; }
  void encode(std::string_view text, std::vector<int32_t>& out) const override;
  using Tokenizer::encode;
  // Split anew by `random` each time, see SubwordDropout; 0 <= dropout < 1.
  void encode(std::string_view text, double dropout, Random& random, std::vector<int32_t>& out) const;
  std::string piece(int32_t id, std::optional<int32_t> previous) const override;
  std::string serialize() const override;

 private:
  template <class Split>
  void encode_with(std::string_view text, std::vector<int32_t>& out, Split split) const;
  void append_bytes(std::string_view bytes, std::vector<int32_t>& out) const;

  std::string model_;
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
  std::shared_ptr<const SubwordDropout> dropout_;  // of the processor
  int32_t first_byte_ = 0;                         // the id of byte 0; the other bytes follow
};

}  // namespace recur
