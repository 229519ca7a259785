// The words of a caption, as the metrics of captions count them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

using CaptionWords = std::vector<std::string>;

// Lower case, without punctuation: what stands between white space and ASCII punctuation, but for apostrophes and
// hyphens within a word. Much as coco-caption's tokenizer leaves a caption, which knows contractions besides.
CaptionWords caption_words(std::string_view text);

// How often each n-gram of `n` words occurs, its words between single spaces.
std::map<std::string, int> ngram_counts(const CaptionWords& words, size_t n);

}  // namespace recur
