#include "recur/data/text/text_ngrams.h"

#include <algorithm>

#include "recur/data/files/utf8.h"

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

// The offsets at which the characters of a word begin, and its end.
std::vector<size_t> boundaries(std::string_view word) {
  std::vector<size_t> at;
  for (size_t i = 0; i < word.size(); i += std::max<size_t>(decode_utf8(word, i).bytes, 1)) at.push_back(i);
  at.push_back(word.size());
  return at;
}

void add_characters(const std::string& word, size_t longest, std::vector<uint32_t>& out) {
  const std::string marked = "<" + word + ">";
  const std::vector<size_t> at = boundaries(marked);
  for (size_t n = kShortestCharacters; n <= longest; ++n) {
    for (size_t i = 0; i + n < at.size(); ++i) {
      out.push_back(ngram_hash(std::string_view(marked).substr(at[i], at[i + n] - at[i]), kCharacters));
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

TextNgrams symbol_ngrams(std::span<const std::string> symbols, bool places) {
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

std::vector<std::string> words_of(std::string_view text, bool lower) {
  constexpr std::string_view kSpaces = " \t\r\f\v\n";
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_of(kSpaces, at), text.size());
    if (end > at) {
      std::string& word = words.emplace_back();
      for (size_t i = at; i < end;) {
        const auto [value, bytes] = decode_utf8(text, i);
        if (bytes == 0 || !lower) {
          word += text.substr(i, std::max<size_t>(bytes, 1));
        } else {
          append_utf8(word, lower_case(value));
        }
        i += std::max<size_t>(bytes, 1);
      }
    }
    at = end + 1;
  }
  return words;
}

std::vector<std::string> characters_of(std::string_view text) {
  const std::vector<size_t> at = boundaries(text);
  std::vector<std::string> characters;
  for (size_t i = 0; i + 1 < at.size(); ++i) characters.emplace_back(text.substr(at[i], at[i + 1] - at[i]));
  return characters;
}

}  // namespace recur
