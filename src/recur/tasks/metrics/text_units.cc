#include "recur/tasks/metrics/text_units.h"

#include <algorithm>

#include "recur/data/files/utf8.h"

namespace recur {
namespace {

constexpr char32_t kNoCodePoint = 0x110000;  // the first number that is none

bool is_white(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

// Calls visit(code point, its bytes) for all of a text.
template <class Visit>
void for_each_code_point(std::string_view text, Visit visit) {
  for (size_t at = 0; at < text.size();) {
    DecodedCodePoint point = decode_utf8(text, at);
    if (point.bytes == 0) point = {kNoCodePoint + static_cast<unsigned char>(text[at]), 1};
    visit(point.value, text.substr(at, point.bytes));
    at += point.bytes;
  }
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  size_t begin = 0, at = 0;
  const auto end_word = [&] {
    if (at > begin) words.push_back(text.substr(begin, at - begin));
  };
  for_each_code_point(text, [&](char32_t c, std::string_view bytes) {
    if (is_white(c)) {
      end_word();
      begin = at + bytes.size();
    }
    at += bytes.size();
  });
  end_word();
  return words;
}

std::vector<std::string_view> blank_separated(std::string_view text) {
  std::vector<std::string_view> words;
  size_t begin = 0, end = 0, at = 0;  // of the word, without white space around it
  int64_t whites = 0;                 // characters of white space since its end
  bool blank = false;                 // the only one of these is a blank
  for_each_code_point(text, [&](char32_t c, std::string_view bytes) {
    if (is_white(c)) {
      blank = ++whites == 1 && c == ' ';
    } else {
      if (end > begin && (whites > 1 || blank)) {
        words.push_back(text.substr(begin, end - begin));
        begin = at;
      }
      if (end == 0) begin = at;  // what stands in front is passed over
      whites = 0;
      blank = false;
      end = at + bytes.size();
    }
    at += bytes.size();
  });
  if (end > begin) words.push_back(text.substr(begin, end - begin));
  return words;
}

std::vector<char32_t> letters_of(std::string_view text) {
  std::vector<char32_t> letters;
  for_each_code_point(text, [&](char32_t c, std::string_view) {
    if (!is_white(c)) letters.push_back(c);
  });
  return letters;
}

}  // namespace recur
