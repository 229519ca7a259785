#include "recur/tasks/metrics/caption_words.h"

#include "recur/data/files/plain_text.h"
#include "recur/tasks/metrics/text_units.h"

namespace recur {
namespace {

bool is_ascii_mark(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

bool joins_words(char c) { return c == '\'' || c == '-'; }

// Appends the parts of a piece of text without white space.
void append_words(std::string_view piece, CaptionWords& out) {
  std::string word;
  const auto end_word = [&] {
    while (!word.empty() && joins_words(word.back())) word.pop_back();
    if (!word.empty()) out.push_back(lower_ascii(word));
    word.clear();
  };
  for (const char c : piece) {
    if (!is_ascii_mark(c) || (joins_words(c) && !word.empty())) {
      word += c;
    } else {
      end_word();
    }
  }
  end_word();
}

}  // namespace

CaptionWords caption_words(std::string_view text) {
  CaptionWords out;
  for (const std::string_view piece : words_of(text)) append_words(piece, out);
  return out;
}

std::map<std::string, int> ngram_counts(const CaptionWords& words, size_t n) {
  std::map<std::string, int> counts;
  for (size_t at = 0; at + n <= words.size(); ++at) {
    std::string key = words[at];
    for (size_t k = 1; k < n; ++k) key += ' ' + words[at + k];
    ++counts[key];
  }
  return counts;
}

}  // namespace recur
