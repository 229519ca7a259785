#include "recur/data/text/words.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

using Words = std::vector<std::string>;
using Views = std::vector<std::string_view>;

TEST(SplitWords, SpacesStandBetweenAndCapitalsBecomeSmall) {
  EXPECT_EQ(split_words(" Ein\tÄrger \n", true), (Words{"ein", "ärger"}));
  EXPECT_EQ(split_words("Ein", false), Words{"Ein"});
  EXPECT_TRUE(split_words("", true).empty());
}

TEST(ForEachWord, GivesLineEndsInTheirPlaces) {
  Words seen;
  for_each_word("a B\n\nc", true, [&](std::string_view word) { seen.emplace_back(word); });
  EXPECT_EQ(seen, (Words{"a", "b", "\n", "\n", "c"}));
}

TEST(LowerCased, BytesThatAreNoUtf8Stay) {
  EXPECT_EQ(lower_cased("A\xFF"
                        "Ä"),
            "a\xFF"
            "ä");
}

TEST(CharactersOf, CodePointsAndStrayBytes) {
  EXPECT_EQ(characters_of("aé"), (Views{"a", "é"}));
  EXPECT_EQ(characters_of("\xff"
                          "a")
                .size(),
            2u);
}

}  // namespace
}  // namespace recur
