// Tokenizers that take a text apart without looking at words: a byte or a character a symbol.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "recur/base/json.h"
#include "recur/data/text/tokenizer.h"

namespace recur {

// Bytes that occur in the training text, in their order, behind the unknown symbol 0.
class ByteTokenizer : public Tokenizer {
 public:
  static constexpr std::string_view kKind = "bytes";
  static constexpr SplitUnit kSplit = SplitUnit::kByte;
  static ByteTokenizer fit(const TextSource& source, TextRange range, const TokenizerOptions& options);
  static ByteTokenizer from_json(const Json& json);

  explicit ByteTokenizer(std::vector<uint8_t> bytes);  // ascending; throws Error

  std::string_view kind() const override { return kKind; }
  int32_t size() const override { return static_cast<int32_t>(bytes_.size()) + 1; }
  std::optional<int32_t> unknown() const override { return 0; }
  bool needs_utf8() const override { return false; }
  void encode(std::string_view text, std::vector<int32_t>& out) const override;
  using Tokenizer::encode;
  std::string piece(int32_t id, std::optional<int32_t> previous) const override;
  std::string serialize() const override;

 private:
  std::vector<uint8_t> bytes_;
  std::array<int32_t, 256> ids_{};
};

// Unicode code points that occur in the training text, in their order, behind the unknown symbol 0. An unknown
// character decodes to U+FFFD.
class CharTokenizer : public Tokenizer {
 public:
  static constexpr std::string_view kKind = "chars";
  static constexpr SplitUnit kSplit = SplitUnit::kCodePoint;
  static CharTokenizer fit(const TextSource& source, TextRange range, const TokenizerOptions& options);
  static CharTokenizer from_json(const Json& json);

  explicit CharTokenizer(std::vector<char32_t> characters);  // ascending; throws Error

  std::string_view kind() const override { return kKind; }
  int32_t size() const override { return static_cast<int32_t>(characters_.size()) + 1; }
  std::optional<int32_t> unknown() const override { return 0; }
  void encode(std::string_view text, std::vector<int32_t>& out) const override;
  using Tokenizer::encode;
  std::string piece(int32_t id, std::optional<int32_t> previous) const override;
  std::string serialize() const override;

 private:
  std::vector<char32_t> characters_;
  std::array<int32_t, 128> ascii_{};
  std::unordered_map<char32_t, int32_t> others_;
};

}  // namespace recur
