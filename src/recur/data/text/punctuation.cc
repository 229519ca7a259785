#include "recur/data/text/punctuation.h"

#include <algorithm>

#include "recur/data/text/words.h"

namespace recur {
namespace {

bool is_mark(char c) {
  constexpr std::string_view kMarks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  return kMarks.find(c) != std::string_view::npos;
}

void append_word(std::string& out, std::string_view word) {
  if (std::ranges::all_of(word, is_mark)) {
    out += word;
    return;
  }
  for (; is_mark(word.front()) && word.front() != '\''; word.remove_prefix(1)) (out += word.front()) += ' ';
  size_t end = word.size();
  while (is_mark(word[end - 1])) --end;
  out += word.substr(0, end);
  for (; end < word.size(); ++end) (out += ' ') += word[end];
}

}  // namespace

std::string spaced_punctuation(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (kWordSpaces.find(text[at]) != std::string_view::npos) {
      out += text[at++];
      continue;
    }
    const size_t end = std::min(text.find_first_of(kWordSpaces, at), text.size());
    append_word(out, text.substr(at, end - at));
    at = end;
  }
  return out;
}

}  // namespace recur
