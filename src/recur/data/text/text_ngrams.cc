#include "recur/data/text/text_ngrams.h"

#include <algorithm>

#include "recur/data/text/words.h"

namespace recur {
namespace {

constexpr size_t kShortestCharacters = 3, kLongestRun = 5, kLongestPlaced = 3;
constexpr char kBetween = '\x1f';  // stands between the words of a run

// What a hash is of, so that the word "ab" is none of the characters "ab".
enum Seed : uint64_t { kWord = 1, kPair, kCharacters, kRun, kPlaced };

void make_distinct(std::vector<uint32_t>& hashes) {
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

void add_characters(const std::string& word, size_t longest, std::vector<uint32_t>& out) {
  const std::string marked = "<" + word + ">";
  const std::vector<std::string_view> characters = characters_of(marked);
  for (size_t n = kShortestCharacters; n <= longest; ++n) {
    for (size_t i = 0; i + n <= characters.size(); ++i) {
      const std::string_view last = characters[i + n - 1];
      out.push_back(ngram_hash({characters[i].data(), last.data() + last.size()}, kCharacters));
    }
  }
}

}  // namespace

uint32_t ngram_hash(std::string_view bytes, uint64_t seed) {
  uint64_t hash = 0xCBF29CE484222325u ^ seed;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3u;
  }
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return static_cast<uint32_t>(hash ^ (hash >> 31));
}

TextNgrams word_ngrams(std::span<const std::string> words, int64_t longest_characters) {
  TextNgrams out;
  for (size_t i = 0; i < words.size(); ++i) {
    out.words.push_back(ngram_hash(words[i], kWord));
    if (i > 0) out.words.push_back(ngram_hash(words[i - 1] + kBetween + words[i], kPair));
    if (longest_characters > 0) add_characters(words[i], static_cast<size_t>(longest_characters), out.characters);
  }
  make_distinct(out.words);
  make_distinct(out.characters);
  return out;
}

TextNgrams symbol_ngrams(std::span<const std::string_view> symbols, bool places) {
  TextNgrams out;
  for (size_t i = 0; i < symbols.size(); ++i) {
    std::string run;
    for (size_t n = 1; n <= kLongestRun && i + n <= symbols.size(); ++n) {
      run += symbols[i + n - 1];
      out.words.push_back(ngram_hash(run, kRun));
      if (places && n <= kLongestPlaced) {
        out.characters.push_back(ngram_hash(std::to_string(i) + kBetween + run, kPlaced));
      }
    }
  }
  make_distinct(out.words);
  make_distinct(out.characters);
  return out;
}

}  // namespace recur
