// Punctuation apart from the words it is written at.
#pragma once

#include <string>
#include <string_view>

namespace recur {

// Puts a space between a word and each ASCII punctuation mark before or behind it: "(Well, done!)" becomes
// "( Well , done ! )". What stands within a word stays (don't, re-use, 3.14), as do an apostrophe at its front ('s,
// n't) and words of nothing but marks (...).
std::string spaced_punctuation(std::string_view text);

}  // namespace recur
