#include "recur/tasks/transcribe/transcribe_encoder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "recur/data/files/valid_utf8.h"

namespace recur {
namespace {

constexpr const char* kVocabularyAsset = "vocabulary";

}  // namespace

TranscribeEncoder TranscribeEncoder::fit(std::span<const std::string> texts, const TokenizerOptions& tokens) {
  TokenizerOptions own = tokens;
  own.line_end_symbol = false;
  // Between characters no line end stands, which would be one of them.
  const bool parts_words = own.kind == "words" || own.kind == "subwords";
  std::string all;
  for (const std::string& text : texts) {
    all += text;
    if (parts_words) all += '\n';
  }
  const TextSource source = TextSource::from_text("the training texts", std::move(all));
  return TranscribeEncoder({{kVocabularyAsset, fit_tokenizer(source, source.all(), own)->serialize()}});
}

TranscribeEncoder::TranscribeEncoder(const Assets& assets)
    : tokens_(
          read_asset(assets, kVocabularyAsset, [](const std::string& json) { return Tokenizer::deserialize(json); })) {}

Assets TranscribeEncoder::assets() const { return {{kVocabularyAsset, tokens_->serialize()}}; }

std::vector<std::string> TranscribeEncoder::pieces(std::span<const int32_t> symbols) const {
  std::vector<std::string> out;
  std::optional<int32_t> previous;
  for (const int32_t symbol : symbols) {
    out.push_back(tokens_->piece(symbol, previous));
    previous = symbol;
  }
  return out;
}

std::string TranscribeEncoder::text(std::span<const int32_t> symbols) const {
  std::string out;
  for (const char c : valid_utf8(tokens_->decode(symbols))) {
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace recur
