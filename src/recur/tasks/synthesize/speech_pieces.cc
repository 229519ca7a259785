#include "recur/tasks/synthesize/speech_pieces.h"

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"
#include "recur/data/text/words.h"

namespace recur {
namespace {

constexpr const char* kShownBlank = "\u2423";

// Letters and digits: what is above ASCII is taken for a letter.
bool is_spoken(char32_t c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Of the punctuation of Unicode, and the upper half of Latin-1, where three signs are letters.
bool is_mark(char32_t c) {
  const bool latin = c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA;
  return latin || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F);
}

bool is_of_word(char32_t c) { return is_spoken(c) && !is_mark(c); }
bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019; }

bool is_blank(char32_t c) { return c < 0x80 && kWordSpaces.find(static_cast<char>(c)) != std::string_view::npos; }

std::u32string code_points(std::string_view text) {
  if (const size_t at = find_invalid_utf8(text); at != kNoPosition) fail("text: invalid UTF-8 at offset {}", at);
  std::u32string out;
  for (size_t at = 0; at < text.size();) {
    const DecodedCodePoint c = decode_utf8(text, at);
    out += c.value;
    at += c.bytes;
  }
  return out;
}

std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

// "3.5" is no end, ". " is one.
bool ends_sentence(std::u32string_view text, size_t at) {
  constexpr std::u32string_view kEnds = U".!?;:";
  return kEnds.find(text[at]) != std::u32string_view::npos && (at + 1 == text.size() || is_blank(text[at + 1]));
}

class CharacterReader : public SpeechReader {
 public:
  explicit CharacterReader(bool lower) : lower_(lower) {}

  std::vector<SpeechPiece> read(std::string_view text, SpeechGaps&) const override {
    const std::u32string points = code_points(text);
    std::vector<SpeechPiece> out;
    for (size_t at = 0; at < points.size(); ++at) {
      const char32_t c = points[at];
      if (is_blank(c)) {
        out.push_back({.symbol = " ", .is_blank = true});
        continue;
      }
      out.push_back({.symbol = utf8(std::u32string(1, lower_ ? lower_case(c) : c)),
                     .is_said = is_spoken(c),
                     .ends_sentence = ends_sentence(points, at)});
    }
    return out;
  }

  bool reads_phonemes() const override { return false; }

 private:
  bool lower_;
};

// A stretch of a text.
struct SpeechStretch {
  enum class Kind { kBlank, kGiven, kWord, kMark };
  Kind kind;
  std::string text;  // of what is given, without the braces
  bool ends = false;
};

class PhonemeReader : public SpeechReader {
 public:
  PhonemeReader(std::shared_ptr<const Pronouncer> pronouncer, bool lower)
      : pronouncer_(std::move(pronouncer)), lower_(lower) {}

  std::vector<SpeechPiece> read(std::string_view text, SpeechGaps& gaps) const override {
    const std::vector<SpeechStretch> parts = stretches(text);
    const std::vector<Pronunciation> said = pronounce(words_of(parts));
    std::vector<SpeechPiece> out;
    size_t word = 0;
    for (size_t i = 0; i < parts.size(); ++i) {
      const SpeechStretch& part = parts[i];
      switch (part.kind) {
        case SpeechStretch::Kind::kBlank:
          if (separates_words(parts, i)) out.push_back({.symbol = kShownBlank, .is_blank = true});
          break;
        case SpeechStretch::Kind::kGiven:
          add_phonemes(split_words(part.text, false), out);
          break;
        case SpeechStretch::Kind::kMark:
          out.push_back({.symbol = part.text, .ends_sentence = part.ends});
          break;
        case SpeechStretch::Kind::kWord:
          if (pronouncer_ == nullptr) {
            add_phonemes({part.text}, out);
            break;
          }
          gaps.letters += said[word].unknown_letters;
          if (said[word].phonemes.empty()) gaps.words.insert(part.text);
          add_phonemes(said[word++].phonemes, out);
      }
    }
    return out;
  }

  void prepare(std::span<const std::string> texts) const override {
    if (pronouncer_ == nullptr) return;
    std::vector<std::string> words;
    for (const std::string& text : texts) std::ranges::move(words_of(stretches(text)), std::back_inserter(words));
    pronounce(words);
  }

  bool reads_phonemes() const override { return true; }

 private:
  static void add_phonemes(const std::vector<std::string>& phonemes, std::vector<SpeechPiece>& out) {
    for (const std::string& each : phonemes) out.push_back({.symbol = each, .is_said = true});
  }

  std::vector<Pronunciation> pronounce(const std::vector<std::string>& words) const {
    return pronouncer_ == nullptr ? std::vector<Pronunciation>{} : (*pronouncer_)(words);
  }

  static std::vector<std::string> words_of(const std::vector<SpeechStretch>& parts) {
    std::vector<std::string> out;
    for (const SpeechStretch& part : parts) {
      if (part.kind == SpeechStretch::Kind::kWord) out.push_back(part.text);
    }
    return out;
  }

  // Blanks between phonemes that are written without braces say nothing.
  bool separates_words(const std::vector<SpeechStretch>& parts, size_t i) const {
    const auto given = [&](size_t k) { return k < parts.size() && parts[k].kind == SpeechStretch::Kind::kGiven; };
    return pronouncer_ != nullptr || given(i + 1) || (i > 0 && given(i - 1));
  }

  // Behind the brace that closes the one at `at`; `at` where there is none. "{ b }" are signs of a notation.
  static size_t given_end(std::u32string_view text, size_t at) {
    if (at + 1 >= text.size() || text[at] != U'{' || is_blank(text[at + 1])) return at;
    const size_t end = text.find_first_of(U"{}", at + 1);
    const bool closed =
        end != std::u32string_view::npos && text[end] == U'}' && end > at + 1 && !is_blank(text[end - 1]);
    return closed ? end + 1 : at;
  }

  // Without a pronouncer a word ends at a blank or brace group alone.
  size_t word_end(std::u32string_view text, size_t at) const {
    size_t end = at;
    if (pronouncer_ == nullptr) {
      while (end < text.size() && !is_blank(text[end]) && given_end(text, end) == end) ++end;
      return end;
    }
    const auto of_word = [&](size_t k) { return k < text.size() && is_of_word(text[k]); };
    while (of_word(end) || (end > at && end < text.size() && is_apostrophe(text[end]) && of_word(end + 1))) ++end;
    return end;
  }

  SpeechStretch word(std::u32string_view text) const {
    std::string out;
    for (const char32_t c : text) {
      const char32_t plain = is_apostrophe(c) ? U'\'' : c;
      append_utf8(out, lower_ ? lower_case(plain) : plain);
    }
    return {SpeechStretch::Kind::kWord, std::move(out)};
  }

  // Phonemes that are written without braces.
  static SpeechStretch phoneme(std::u32string_view text) {
    const bool said = std::ranges::any_of(text, [](char32_t c) { return is_of_word(c); });
    const bool mark = text.size() == 1 && !said;
    return {mark ? SpeechStretch::Kind::kMark : SpeechStretch::Kind::kWord, utf8(text), mark && ends_sentence(text, 0)};
  }

  std::vector<SpeechStretch> stretches(std::string_view text) const {
    const std::u32string all = code_points(text);
    const std::u32string_view points = all;
    std::vector<SpeechStretch> out;
    for (size_t at = 0; at < points.size();) {
      if (is_blank(points[at])) {
        if (out.empty() || out.back().kind != SpeechStretch::Kind::kBlank) {
          out.push_back({SpeechStretch::Kind::kBlank, " "});
        }
        ++at;
      } else if (const size_t given = given_end(points, at); given > at) {
        out.push_back({SpeechStretch::Kind::kGiven, utf8(points.substr(at + 1, given - at - 2))});
        at = given;
      } else if (const size_t end = word_end(points, at); end > at) {
        const std::u32string_view own = points.substr(at, end - at);
        out.push_back(pronouncer_ == nullptr ? phoneme(own) : word(own));
        at = end;
      } else {
        out.push_back({SpeechStretch::Kind::kMark, utf8(points.substr(at, 1)), ends_sentence(points, at)});
        ++at;
      }
    }
    return out;
  }

  std::shared_ptr<const Pronouncer> pronouncer_;
  bool lower_;
};

}  // namespace

std::unique_ptr<const SpeechReader> character_reader(bool lower_case) {
  return std::make_unique<CharacterReader>(lower_case);
}

std::unique_ptr<const SpeechReader> phoneme_reader(std::shared_ptr<const Pronouncer> pronouncer, bool lower_case) {
  return std::make_unique<PhonemeReader>(std::move(pronouncer), lower_case);
}

}  // namespace recur
