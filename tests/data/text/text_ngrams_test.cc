#include "recur/data/text/text_ngrams.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace recur {
namespace {

using Words = std::vector<std::string>;

bool has(const std::vector<uint32_t>& hashes, std::string_view bytes, uint64_t seed) {
  return std::ranges::binary_search(hashes, ngram_hash(bytes, seed));
}

// Model files hold weights by these numbers. Worked out by a script of its own.
TEST(NgramHash, StaysAsItIs) {
  EXPECT_EQ(ngram_hash("", 1), 1393549185u);
  EXPECT_EQ(ngram_hash("film", 1), 3259492984u);
  EXPECT_EQ(ngram_hash("naïve", 3), 3964757475u);
}

TEST(WordNgrams, WordsPairsAndCharactersOnceEach) {
  const TextNgrams ngrams = word_ngrams(Words{"a", "bc", "a"}, 4);
  EXPECT_EQ(ngrams.words.size(), 4u);  // a, bc, a bc, bc a
  EXPECT_TRUE(has(ngrams.words, "bc", 1));
  EXPECT_TRUE(has(ngrams.words,
                  "a\x1f"
                  "bc",
                  2));
  EXPECT_EQ(ngrams.characters.size(), 4u);  // <a>; <bc, bc>, <bc>
  EXPECT_TRUE(has(ngrams.characters, "<bc", 3));
  EXPECT_TRUE(has(ngrams.characters, "<bc>", 3));
  EXPECT_TRUE(std::ranges::is_sorted(ngrams.words));
}

TEST(WordNgrams, CharactersAreCodePoints) {
  EXPECT_EQ(word_ngrams(Words{"é"}, 5).characters, (std::vector<uint32_t>{ngram_hash("<é>", 3)}));
  EXPECT_TRUE(word_ngrams(Words{"word"}, 0).characters.empty());
}

TEST(SymbolNgrams, RunsAndRunsAtTheirPlaces) {
  const Words symbols{"A", "C", "A"};
  const TextNgrams plain = symbol_ngrams(symbols, false), placed = symbol_ngrams(symbols, true);
  EXPECT_EQ(plain.words.size(), 5u);  // A C AC CA ACA
  EXPECT_TRUE(plain.characters.empty());
  EXPECT_EQ(placed.words, plain.words);
  EXPECT_EQ(placed.characters.size(), 6u);
  EXPECT_TRUE(has(placed.characters,
                  "2\x1f"
                  "A",
                  5));
  EXPECT_TRUE(has(placed.characters,
                  "0\x1f"
                  "ACA",
                  5));
}

TEST(WordsOf, SpacesStandBetweenAndCapitalsBecomeSmall) {
  EXPECT_EQ(words_of(" Ein\tÄrger \n", true), (Words{"ein", "ärger"}));
  EXPECT_EQ(words_of("Ein", false), Words{"Ein"});
  EXPECT_TRUE(words_of("", true).empty());
}

TEST(CharactersOf, CodePointsAndStrayBytes) {
  EXPECT_EQ(characters_of("aé"), (Words{"a", "é"}));
  EXPECT_EQ(characters_of("\xff"
                          "a")
                .size(),
            2u);
}

}  // namespace
}  // namespace recur
