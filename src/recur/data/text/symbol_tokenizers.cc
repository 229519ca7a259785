#include "recur/data/text/symbol_tokenizers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

// The numbers under "symbols", each up to `largest`.
template <class T>
std::vector<T> symbols_of(const Json& json, uint64_t largest) {
  std::vector<T> symbols;
  for (const Json& item : json.at("symbols")) {
    if (!item.is_unsigned() || item.get<uint64_t>() > largest) {
      fail("tokenizer: symbols: expected numbers from 0 to {}, got {}", largest, item.dump());
    }
    symbols.push_back(static_cast<T>(item.get<uint64_t>()));
  }
  return symbols;
}

template <class T>
void check_ascending(const std::vector<T>& symbols) {
  if (symbols.empty()) fail("tokenizer: there are no symbols");
  const auto at = std::adjacent_find(symbols.begin(), symbols.end(), [](T a, T b) { return a >= b; });
  if (at != symbols.end()) fail("tokenizer: symbols are not in ascending order");
}

}  // namespace

ByteTokenizer::ByteTokenizer(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {
  check_ascending(bytes_);
  for (size_t i = 0; i < bytes_.size(); ++i) ids_[bytes_[i]] = static_cast<int32_t>(i) + 1;
}

ByteTokenizer ByteTokenizer::fit(const TextSource& source, TextRange range, const TokenizerOptions& options) {
  std::array<int64_t, 256> counts{};
  source.for_each_block(range, [&](const TextBlock& block) {
    for (const char c : block.text) ++counts[static_cast<unsigned char>(c)];
    return true;
  });
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] >= options.min_count) bytes.push_back(static_cast<uint8_t>(i));
  }
  return ByteTokenizer(std::move(bytes));
}

ByteTokenizer ByteTokenizer::from_json(const Json& json) { return ByteTokenizer(symbols_of<uint8_t>(json, 255)); }

void ByteTokenizer::encode(std::string_view text, std::vector<int32_t>& out) const {
  out.reserve(out.size() + text.size());
  for (const char c : text) out.push_back(ids_[static_cast<unsigned char>(c)]);
}

std::string ByteTokenizer::piece(int32_t id, std::optional<int32_t>) const {
  if (id == 0) return std::string(kReplacementCharacter);
  return std::string(1, static_cast<char>(bytes_[static_cast<size_t>(id) - 1]));
}

std::string ByteTokenizer::serialize() const { return Json{{"kind", kKind}, {"symbols", bytes_}}.dump(); }

CharTokenizer::CharTokenizer(std::vector<char32_t> characters) : characters_(std::move(characters)) {
  check_ascending(characters_);
  for (size_t i = 0; i < characters_.size(); ++i) {
    const char32_t c = characters_[i];
    const auto id = static_cast<int32_t>(i) + 1;
    if (!is_code_point(c)) fail("tokenizer: symbols: {} is not a character", static_cast<uint32_t>(c));
    if (c < ascii_.size()) {
      ascii_[c] = id;
    } else {
      others_.emplace(c, id);
    }
  }
}

CharTokenizer CharTokenizer::fit(const TextSource& source, TextRange range, const TokenizerOptions& options) {
  std::array<int64_t, 128> ascii{};
  std::map<char32_t, int64_t> counts;
  source.for_each_utf8_block(range, [&](const TextBlock& block) {
    for (size_t i = 0; i < block.text.size();) {
      const auto [value, bytes] = decode_utf8(block.text, i);
      ++(value < ascii.size() ? ascii[value] : counts[value]);
      i += bytes;
    }
    return true;
  });
  for (size_t i = 0; i < ascii.size(); ++i) counts[static_cast<char32_t>(i)] = ascii[i];
  std::vector<char32_t> characters;
  for (const auto& [character, count] : counts) {
    if (count >= options.min_count) characters.push_back(character);
  }
  return CharTokenizer(std::move(characters));
}

CharTokenizer CharTokenizer::from_json(const Json& json) { return CharTokenizer(symbols_of<char32_t>(json, 0x10FFFF)); }

void CharTokenizer::encode(std::string_view text, std::vector<int32_t>& out) const {
  out.reserve(out.size() + text.size());
  for (size_t i = 0; i < text.size();) {
    const auto [value, bytes] = decode_utf8(text, i);
    if (bytes == 0) fail("tokenizer: invalid UTF-8 at offset {}", i);
    if (value < ascii_.size()) {
      out.push_back(ascii_[value]);
    } else {
      const auto found = others_.find(value);
      out.push_back(found == others_.end() ? 0 : found->second);
    }
    i += bytes;
  }
}

std::string CharTokenizer::piece(int32_t id, std::optional<int32_t>) const {
  if (id == 0) return std::string(kReplacementCharacter);
  std::string text;
  append_utf8(text, characters_[static_cast<size_t>(id) - 1]);
  return text;
}

std::string CharTokenizer::serialize() const {
  const std::vector<uint32_t> symbols(characters_.begin(), characters_.end());
  return Json{{"kind", kKind}, {"symbols", symbols}}.dump();
}

}  // namespace recur
