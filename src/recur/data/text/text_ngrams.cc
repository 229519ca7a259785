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

// Calls visit(hash) for each.
template <class Visit>
void for_each_character_ngram(const std::string& word, size_t longest, const Visit& visit) {
  const std::string marked = "<" + word + ">";
  const std::vector<std::string_view> characters = characters_of(marked);
  for (size_t n = kShortestCharacters; n <= longest; ++n) {
    for (size_t i = 0; i + n <= characters.size(); ++i) {
      const std::string_view last = characters[i + n - 1];
      visit(ngram_hash({characters[i].data(), last.data() + last.size()}, kCharacters));
    }
  }
}

// Both call visit(hash, whether it is of characters, its first word or symbol, how many).
template <class Visit>
void for_each_word_ngram(std::span<const std::string> words, int64_t longest, const Visit& visit) {
  for (size_t i = 0; i < words.size(); ++i) {
    visit(ngram_hash(words[i], kWord), false, i, size_t{1});
    if (i > 0) visit(ngram_hash(words[i - 1] + kBetween + words[i], kPair), false, i - 1, size_t{2});
    if (longest <= 0) continue;
    for_each_character_ngram(words[i], static_cast<size_t>(longest),
                             [&](uint32_t hash) { visit(hash, true, i, size_t{1}); });
  }
}

template <class Visit>
void for_each_symbol_ngram(std::span<const std::string_view> symbols, bool places, const Visit& visit) {
  for (size_t i = 0; i < symbols.size(); ++i) {
    std::string run;
    for (size_t n = 1; n <= kLongestRun && i + n <= symbols.size(); ++n) {
      run += symbols[i + n - 1];
      visit(ngram_hash(run, kRun), false, i, n);
      if (places && n <= kLongestPlaced) {
        visit(ngram_hash(std::to_string(i) + kBetween + run, kPlaced), true, i, n);
      }
    }
  }
}

struct Collect {
  TextNgrams& out;
  void operator()(uint32_t hash, bool is_character, size_t, size_t) const {
    (is_character ? out.characters : out.words).push_back(hash);
  }
};

struct CollectPlaced {
  std::vector<PlacedNgram>& out;
  void operator()(uint32_t hash, bool is_character, size_t begin, size_t length) const {
    out.push_back({hash, is_character, static_cast<int64_t>(begin), static_cast<int64_t>(length)});
  }
};

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
  for_each_word_ngram(words, longest_characters, Collect{out});
  make_distinct(out.words);
  make_distinct(out.characters);
  return out;
}

TextNgrams symbol_ngrams(std::span<const std::string_view> symbols, bool places) {
  TextNgrams out;
  for_each_symbol_ngram(symbols, places, Collect{out});
  make_distinct(out.words);
  make_distinct(out.characters);
  return out;
}

std::vector<PlacedNgram> placed_word_ngrams(std::span<const std::string> words, int64_t longest_characters) {
  std::vector<PlacedNgram> out;
  for_each_word_ngram(words, longest_characters, CollectPlaced{out});
  return out;
}

std::vector<PlacedNgram> placed_symbol_ngrams(std::span<const std::string_view> symbols, bool places) {
  std::vector<PlacedNgram> out;
  for_each_symbol_ngram(symbols, places, CollectPlaced{out});
  return out;
}

}  // namespace recur
