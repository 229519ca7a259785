// The n-grams of a text as hashes: features of a linear model that needs no vocabulary.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// FNV-1a of the bytes (Fowler, Noll and Vo) with 64 bits, begun at `seed`, its bits then spread by the finaliser of
// SplitMix64 (Steele, Lea and Flood, 2014), of which the lower 32 are taken: part of the model file's format.
uint32_t ngram_hash(std::string_view bytes, uint64_t seed);

// Distinct hashes in ascending order.
struct TextNgrams {
  std::vector<uint32_t> words;       // of runs of words or symbols
  std::vector<uint32_t> characters;  // within words, or of symbols at their places
};

// Of words: each, and each pair of neighbours; and the runs of 3 to `longest_characters` characters of each word, with
// < before and > behind it. 0: none.
TextNgrams word_ngrams(std::span<const std::string> words, int64_t longest_characters);

// Of symbols, such as the letters of a DNA sequence: runs of 1 to 5; with `places`, also runs of 1 to 3 together with
// the place at which they begin.
TextNgrams symbol_ngrams(std::span<const std::string_view> symbols, bool places);

// The same one by one where they stand in the text, each as often as it does.
struct PlacedNgram {
  uint32_t hash = 0;
  bool is_character = false;      // of TextNgrams::characters
  int64_t begin = 0, length = 0;  // of its words or symbols
};
std::vector<PlacedNgram> placed_word_ngrams(std::span<const std::string> words, int64_t longest_characters);
std::vector<PlacedNgram> placed_symbol_ngrams(std::span<const std::string_view> symbols, bool places);

}  // namespace recur
