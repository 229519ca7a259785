#include "recur/tasks/synthesize/speech_text.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr const char* kSymbolsAsset = "vocabulary";

std::shared_ptr<const Tokenizer> read_symbols(const Assets& assets) {
  return read_asset(assets, kSymbolsAsset, [](const std::string& json) { return Tokenizer::deserialize(json); });
}

}  // namespace

// What is known of a text, or of a part of one.
struct SpeechText::Part {
  SpeechSymbols symbols = {};
  std::vector<bool> said = {}, blank = {};  // of each

  void pop() {
    symbols.pop_back();
    said.pop_back();
    blank.pop_back();
  }
  // The first `count` symbols, which are taken out.
  Part cut(size_t count) {
    const auto take = [&](auto& from) {
      const auto end = from.begin() + static_cast<int64_t>(count);
      std::remove_reference_t<decltype(from)> out(from.begin(), end);
      from.erase(from.begin(), end);
      return out;
    };
    return {.symbols = take(symbols), .said = take(said), .blank = take(blank)};
  }
  // With the end; none where nothing is said.
  SpeechSymbols finished(int32_t end) && {
    if (std::ranges::count(said, true) == 0) return {};
    while (blank.back()) pop();
    symbols.push_back(end);
    return std::move(symbols);
  }
};

SpeechText SpeechText::fit(std::span<const std::string> texts, Reader reader) {
  SpeechGaps ignored;
  reader->prepare(texts);
  std::string all;
  for (const std::string& text : texts) {
    for (const SpeechPiece& piece : reader->read(text, ignored)) {
      all += piece.symbol;
      if (reader->reads_phonemes()) all += ' ';
    }
  }
  const TextSource source = TextSource::from_text("the training texts", std::move(all));
  const auto tokens = fit_tokenizer(source, source.all(),
                                    {.kind = reader->reads_phonemes() ? "words" : "chars", .line_end_symbol = false});
  return {{{kSymbolsAsset, tokens->serialize()}}, std::move(reader)};
}

SpeechText::SpeechText(const Assets& assets, Reader reader)
    : reader_(std::move(reader)), tokens_(read_symbols(assets)) {}

bool SpeechText::has_phonemes(const Assets& assets) { return read_symbols(assets)->kind() == "words"; }

Assets SpeechText::assets() const { return {{kSymbolsAsset, tokens_->serialize()}}; }

void SpeechText::add(const SpeechPiece& piece, Part& part, SpeechGaps& gaps) const {
  if (piece.is_blank && (part.symbols.empty() || part.blank.back())) return;
  const std::vector<int32_t> symbols = tokens_->encode(piece.symbol);
  if (symbols.empty() || (tokens_->unknown() && std::ranges::count(symbols, *tokens_->unknown()) > 0)) {
    if (!piece.is_blank) gaps.leave_out(piece.symbol);
    return;
  }
  for (const int32_t symbol : symbols) {
    part.symbols.push_back(symbol);
    part.said.push_back(piece.is_said);
    part.blank.push_back(piece.is_blank);
  }
}

SpeechSymbols SpeechText::encode(std::string_view text, SpeechGaps& gaps) const {
  gaps.are_phonemes = has_phonemes();
  Part all;
  for (const SpeechPiece& piece : reader_->read(text, gaps)) add(piece, all, gaps);
  return std::move(all).finished(end());
}

std::vector<SpeechSymbols> SpeechText::sentences(std::string_view text, int64_t most, SpeechGaps& gaps) const {
  gaps.are_phonemes = has_phonemes();
  const auto longest = static_cast<size_t>(std::max<int64_t>(most, 1));
  std::vector<SpeechSymbols> out;
  Part part;
  const auto give = [&](Part ready) {
    if (SpeechSymbols own = std::move(ready).finished(end()); !own.empty()) out.push_back(std::move(own));
  };
  const auto finish = [&] {
    while (part.symbols.size() > longest) {
      size_t at = longest;
      while (at > 0 && !part.blank[at]) --at;
      give(part.cut(at > 0 ? at : longest));
      if (!part.blank.empty() && part.blank.front()) part.cut(1);
    }
    give(std::exchange(part, {}));
  };
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    for (const SpeechPiece& piece : reader_->read(text.substr(begin, end - begin), gaps)) {
      add(piece, part, gaps);
      if (piece.ends_sentence) finish();
    }
    finish();
    begin = end + 1;
  }
  return out;
}

std::vector<std::string> SpeechText::names(std::span<const int32_t> symbols) const {
  std::vector<std::string> out;
  for (const int32_t symbol : symbols) {
    std::string name = symbol == end() ? "end" : tokens_->piece(symbol, std::nullopt);
    out.push_back(name == " " ? "\u2423" : std::move(name));
  }
  return out;
}

}  // namespace recur
