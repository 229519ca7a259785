// The words and characters of a text, as the metrics of generated text count them.
#pragma once

#include <string_view>
#include <vector>

namespace recur {

// What stands between white space, that of Unicode, which Python's str.split() divides at.
std::vector<std::string_view> words_of(std::string_view text);

// What stands between blanks, and between two or more characters of white space: the words of jiwer 4's word error
// rate.
std::vector<std::string_view> blank_separated(std::string_view text);

// The code points that are no white space; a byte that is not UTF-8 counts as one by itself, below no code point's.
std::vector<char32_t> letters_of(std::string_view text);

}  // namespace recur
