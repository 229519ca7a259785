#include "recur/data/text/tokenizer.h"

#include <array>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/suggest.h"
#include "recur/data/text/subword_tokenizer.h"
#include "recur/data/text/symbol_tokenizers.h"
#include "recur/data/text/word_tokenizer.h"

namespace recur {
namespace {

using Fit = std::unique_ptr<Tokenizer> (*)(const TextSource&, TextRange, const TokenizerOptions&);
using Parse = std::unique_ptr<Tokenizer> (*)(const Json&);

struct Kind {
  std::string_view name;
  SplitUnit split;
  Fit fit;
  Parse parse;
};

template <class T>
constexpr Kind kind_of() {
  return {T::kKind, T::kSplit,
          [](const TextSource& source, TextRange range, const TokenizerOptions& options) -> std::unique_ptr<Tokenizer> {
            return std::make_unique<T>(T::fit(source, range, options));
          },
          [](const Json& json) -> std::unique_ptr<Tokenizer> { return std::make_unique<T>(T::from_json(json)); }};
}

constexpr std::array kKinds{kind_of<ByteTokenizer>(), kind_of<CharTokenizer>(), kind_of<WordTokenizer>(),
                            kind_of<SubwordTokenizer>()};

const Kind* find_kind(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

const Kind& known_kind(std::string_view name) {
  if (const Kind* kind = find_kind(name)) return *kind;
  std::array<std::string_view, kKinds.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kKinds[i].name;
  fail_usage("tokenizer: unknown kind '{}'{} (expected bytes, chars, words or subwords)", name,
             did_you_mean(name, names));
}

}  // namespace

std::vector<int32_t> Tokenizer::encode(std::string_view text) const {
  std::vector<int32_t> ids;
  encode(text, ids);
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids) const {
  std::string text;
  std::optional<int32_t> previous;
  for (const int32_t id : ids) {
    if (id < 0 || id >= size()) fail("tokenizer: expected an id in [0, {}), got {}", size(), id);
    text += piece(id, previous);
    previous = id;
  }
  return text;
}

std::unique_ptr<Tokenizer> Tokenizer::deserialize(std::string_view json) {
  try {
    const auto parsed = parse_json(json, 2);
    if (!parsed) fail("tokenizer: malformed description: expected JSON of lists and texts");
    const auto name = parsed->at("kind").get<std::string>();
    const Kind* kind = find_kind(name);
    if (kind == nullptr) fail("tokenizer: unknown kind '{}'", name);
    return kind->parse(*parsed);
  } catch (const JsonError& error) {
    fail("tokenizer: malformed description: {}", error.what());
  }
}

std::unique_ptr<Tokenizer> fit_tokenizer(const TextSource& source, TextRange range, const TokenizerOptions& options) {
  const Kind& kind = known_kind(options.kind);
  if (options.vocabulary < 0) fail_usage("tokenizer: vocabulary: expected 0 or more, got {}", options.vocabulary);
  if (options.min_count < 1) fail_usage("tokenizer: min_count: expected 1 or more, got {}", options.min_count);
  return kind.fit(source, range, options);
}

SplitUnit split_unit(std::string_view kind) { return known_kind(kind).split; }

}  // namespace recur
