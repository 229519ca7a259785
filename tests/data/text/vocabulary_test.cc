#include "recur/data/text/vocabulary.h"

#include <gtest/gtest.h>

#include "recur/base/error.h"

namespace recur {
namespace {

TEST(Vocabulary, NumbersWordsInTheirOrder) {
  const Vocabulary vocabulary({"b", "a", ""});
  EXPECT_EQ(vocabulary.size(), 3);
  EXPECT_EQ(vocabulary.find("b"), 0);
  EXPECT_EQ(vocabulary.find(""), 2);
  EXPECT_EQ(vocabulary.find("c"), std::nullopt);
  EXPECT_EQ(vocabulary.word(1), "a");
  EXPECT_THROW(Vocabulary({"a", "b", "a"}), Error);
}

TEST(WordCounter, RanksByFrequencyThenBytes) {
  WordCounter counter;
  for (const char* word : {"b", "c", "a", "c"}) counter.add(word);
  counter.add("d", 5);
  std::string order;
  for (const auto& [word, count] : counter.ranked()) order += word + std::to_string(count);
  EXPECT_EQ(order, "d5c2a1b1");
  EXPECT_EQ(counter.ranked(2).size(), 2u);
  EXPECT_EQ(counter.count("d"), 5);
  EXPECT_EQ(counter.count("none"), 0);
  EXPECT_EQ(counter.total(), 9);
}

}  // namespace
}  // namespace recur
