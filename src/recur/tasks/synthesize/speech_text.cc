#include "recur/tasks/synthesize/speech_text.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

constexpr const char* kCharactersAsset = "vocabulary";

bool is_blank_byte(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Letters and digits: what is above ASCII is taken for a letter.
bool is_spoken(char32_t c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ends_sentence(char c) { return std::string_view(".!?;:\n").find(c) != std::string_view::npos; }

// Of UTF-8, cut before a code point.
size_t cut_place(std::string_view text, size_t most) {
  size_t at = 0;
  size_t space = 0;
  for (size_t characters = 0; at < text.size() && characters < most; ++characters) {
    if (text[at] == ' ') space = at;
    at += std::max<size_t>(decode_utf8(text, at).bytes, 1);
  }
  return at < text.size() && space > 0 ? space : at;
}

}  // namespace

std::string SpeechText::prepared(std::string_view text) const {
  if (const size_t at = find_invalid_utf8(text); at != kNoPosition) fail("text: invalid UTF-8 at offset {}", at);
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (is_blank_byte(text[at])) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      ++at;
      continue;
    }
    const DecodedCodePoint c = decode_utf8(text, at);
    append_utf8(out, lower_case_ ? lower_case(c.value) : c.value);
    at += c.bytes;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

SpeechText SpeechText::fit(std::span<const std::string> texts, bool lower_case) {
  SpeechText none({}, lower_case);
  std::string all;
  for (const std::string& text : texts) all += none.prepared(text);
  const TextSource source = TextSource::from_text("the training texts", std::move(all));
  const auto tokens = fit_tokenizer(source, source.all(), {.kind = "chars", .line_end_symbol = false});
  return {{{kCharactersAsset, tokens->serialize()}}, lower_case};
}

SpeechText::SpeechText(const Assets& assets, bool lower_case)
    : tokens_(assets.empty() ? nullptr
                             : read_asset(assets, kCharactersAsset,
                                          [](const std::string& json) { return Tokenizer::deserialize(json); })),
      lower_case_(lower_case) {}

Assets SpeechText::assets() const { return {{kCharactersAsset, tokens_->serialize()}}; }

SpeechSymbols SpeechText::encode(std::string_view text, int64_t* unknown) const {
  const std::string own = prepared(text);
  SpeechSymbols out;
  bool is_said = false;
  int64_t left_out = 0;
  for (size_t at = 0; at < own.size();) {
    const DecodedCodePoint c = decode_utf8(own, at);
    const std::vector<int32_t> symbols = tokens_->encode(std::string_view(own).substr(at, c.bytes));
    const bool known = !symbols.empty() && std::ranges::none_of(symbols, [&](int32_t s) {
      return tokens_->unknown() && s == *tokens_->unknown();
    });
    if (known) {
      out.insert(out.end(), symbols.begin(), symbols.end());
      is_said = is_said || is_spoken(c.value);
    } else {
      ++left_out;
    }
    at += c.bytes;
  }
  if (unknown != nullptr) *unknown += left_out;
  if (!is_said) return {};
  out.push_back(end());
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

std::vector<std::string> sentences_of(std::string_view text, int64_t most) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view part) {
    while (!part.empty()) {
      const size_t cut = cut_place(part, static_cast<size_t>(std::max<int64_t>(most, 1)));
      std::string own(part.substr(0, cut));
      part.remove_prefix(cut);
      if (!std::ranges::all_of(own, is_blank_byte)) out.push_back(std::move(own));
    }
  };
  size_t begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool last = at + 1 == text.size();
    // "3.5" is no end, ". " is one.
    if (!ends_sentence(text[at]) || (!last && text[at] != '\n' && !is_blank_byte(text[at + 1]))) continue;
    add(text.substr(begin, at + 1 - begin));
    begin = at + 1;
  }
  add(text.substr(begin));
  return out;
}

}  // namespace recur
