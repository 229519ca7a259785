#include "recur/data/text/words.h"

#include "recur/data/files/utf8.h"

namespace recur {

std::string lower_cased(std::string_view text) {
  std::string lower;
  for (size_t i = 0; i < text.size();) {
    const auto [value, bytes] = decode_utf8(text, i);
    if (bytes == 0) {
      lower += text[i++];
      continue;
    }
    append_utf8(lower, lower_case(value));
    i += bytes;
  }
  return lower;
}

std::vector<std::string> split_words(std::string_view text, bool lower) {
  std::vector<std::string> words;
  for_each_word(text, lower, [&](std::string_view word) {
    if (word != "\n") words.emplace_back(word);
  });
  return words;
}

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  for (size_t at = 0; at < text.size(); at += characters.back().size()) {
    characters.push_back(text.substr(at, std::max<size_t>(decode_utf8(text, at).bytes, 1)));
  }
  return characters;
}

}  // namespace recur
