// The words and characters of a text.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

constexpr std::string_view kWordSpaces = " \t\r\f\v\n";  // what stands between words

// In small letters; bytes that are no UTF-8 stay.
std::string lower_cased(std::string_view text);

// Calls visit(word) for the words of a text, in small letters if `lower`, and visit("\n") for its line ends. The word
// is valid during the call.
template <class Visit>
void for_each_word(std::string_view text, bool lower, Visit visit) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(kWordSpaces, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (!word.empty() && lower) visit(std::string_view(lower_cased(word)));
    if (!word.empty() && !lower) visit(word);
    if (end < text.size() && text[end] == '\n') visit(std::string_view("\n"));
    at = end + 1;
  }
}

// All of them, without line ends.
std::vector<std::string> split_words(std::string_view text, bool lower);

// The code points, spaces included, each as its bytes; a byte that is no UTF-8 is one by itself.
std::vector<std::string_view> characters_of(std::string_view text);

}  // namespace recur
