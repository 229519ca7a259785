// Words against a slow definition, on texts drawn at random.
#include "recur/data/text/word_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

std::unique_ptr<Tokenizer> fit(const std::string& text, TokenizerOptions options = {}) {
  options.kind = "words";
  const auto source = TextSource::from_text("text", text);
  return fit_tokenizer(source, source.all(), options);
}

std::vector<std::string> words_of(const Tokenizer& tokenizer) {
  return parse_json(tokenizer.serialize(), 2)->at("words").get<std::vector<std::string>>();
}

std::string random_text(Random& random, int words) {
  static const char* const kWords[] = {"a", "b", "the", "The", "é", "<unk>", "x.y", "中文", "\"q\"", "z"};
  static const char* const kGaps[] = {" ", "\n", "  ", "\t", "\r\n", " \n ", "\n\n", "\f", "\v"};
  std::string text = random.bernoulli(0.2) ? kGaps[random.below(std::size(kGaps))] : "";
  for (int i = 0; i < words; ++i)
    text += std::string(kWords[random.below(std::size(kWords))]) + kGaps[random.below(std::size(kGaps))];
  return text;
}

// The words of a text, "\n" for its line ends.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (std::string(" \t\r\f\v\n").find(c) == std::string::npos) {
      word += c;
      continue;
    }
    if (!word.empty()) words.push_back(word);
    word.clear();
    if (c == '\n') words.push_back("\n");
  }
  return words;
}

TEST(WordTokenizer, EncodesEachWordByItsPlaceInTheList) {
  Random random(1);
  for (int trial = 0; trial < 50; ++trial) {
    const auto tokenizer = fit(random_text(random, 40));
    const auto list = words_of(*tokenizer);
    const auto place = [&](const std::string& word) {
      const auto found = std::find(list.begin(), list.end(), word == "\n" ? "<eos>" : word);
      return found == list.end() ? *tokenizer->unknown() : static_cast<int32_t>(found - list.begin());
    };
    const std::string text = random_text(random, 30) + "unseen\n";
    std::vector<int32_t> expected;
    for (const std::string& word : split(text)) expected.push_back(place(word));
    EXPECT_EQ(tokenizer->encode(text), expected);
  }
}

TEST(WordTokenizer, ListsWordsByTheirCounts) {
  Random random(2);
  for (int trial = 0; trial < 30; ++trial) {
    const std::string text = random_text(random, 60) + "end\n";
    std::map<std::string, int> counts;
    for (const std::string& word : split(text)) ++counts[word == "\n" ? "<eos>" : word];
    const auto tokenizer = fit(text);
    const auto list = words_of(*tokenizer);
    EXPECT_EQ(list.size(), counts.size() + (counts.contains("<unk>") ? 0 : 1));
    for (size_t i = 1; i < list.size(); ++i) EXPECT_GE(counts[list[i - 1]], counts[list[i]]) << list[i];
  }
}

TEST(WordTokenizer, WhatItDecodesItEncodesAgain) {
  Random random(3);
  for (const bool line_end_symbol : {true, false}) {
    const auto tokenizer = fit(random_text(random, 60) + "\n", {.vocabulary = 7, .line_end_symbol = line_end_symbol});
    for (int trial = 0; trial < 30; ++trial) {
      const auto ids = tokenizer->encode(random_text(random, 20));
      EXPECT_EQ(tokenizer->encode(tokenizer->decode(ids)), ids);
    }
  }
}

TEST(WordTokenizer, ALimitOrARarityTakesTheMostFrequent) {
  Random random(4);
  const std::string text = random_text(random, 200) + "end\n";
  const auto all = words_of(*fit(text));
  for (int64_t limit = 3; limit < std::ssize(all) + 2; ++limit) {
    const auto some = words_of(*fit(text, {.vocabulary = limit}));
    EXPECT_EQ(std::ssize(some), std::min(limit, std::ssize(all)));
    EXPECT_THAT(some, ::testing::IsSupersetOf({"<unk>", "<eos>"}));
    std::vector<std::string> rest, first;
    for (const std::string& word : some)
      if (word != "<unk>" && word != "<eos>") rest.push_back(word);
    for (const std::string& word : all)
      if (word != "<unk>" && word != "<eos>" && first.size() < rest.size()) first.push_back(word);
    EXPECT_EQ(rest, first) << "limit " << limit;
  }
  EXPECT_EQ(words_of(*fit(text, {.min_count = 1000000})).size(), 2U);
}

TEST(WordTokenizer, WindowsLineEndsAreLineEnds) {
  EXPECT_EQ(fit("a b\r\nc\r\n")->encode("a b\r\nc\r\n"), fit("a b\nc\n")->encode("a b\nc\n"));
}

TEST(WordTokenizer, OtherSpacesOfUnicodeBelongToWords) {
  const auto tokenizer = fit("a\u00a0b c\u3000d\n");
  EXPECT_EQ(tokenizer->size(), 4);  // two words, <eos> and <unk>
}

TEST(WordTokenizer, TheTextMayBeOneWordOrNone) {
  EXPECT_EQ(fit("word")->size(), 3);
  EXPECT_EQ(fit(" \n ")->encode("\n\n").size(), 2U);
  EXPECT_EQ(fit("word")->encode("").size(), 0U);
}

}  // namespace
}  // namespace recur
