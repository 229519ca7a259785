#include "recur/data/text/punctuation.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(SpacedPunctuation, SetsMarksApartFromWords) {
  EXPECT_EQ(spaced_punctuation("(Well, done!)"), "( Well , done ! )");
  EXPECT_EQ(spaced_punctuation("end."), "end .");
  EXPECT_EQ(spaced_punctuation("\"so\""), "\" so \"");
}

TEST(SpacedPunctuation, LeavesWhatStandsWithinAWord) {
  EXPECT_EQ(spaced_punctuation("don't re-use 3.14"), "don't re-use 3.14");
  EXPECT_EQ(spaced_punctuation("it 's n't"), "it 's n't");
}

TEST(SpacedPunctuation, LeavesWordsOfMarksAlone) {
  EXPECT_EQ(spaced_punctuation("well ... -- !"), "well ... -- !");
  EXPECT_EQ(spaced_punctuation("?!"), "?!");
}

TEST(SpacedPunctuation, KeepsSpacesAndOtherScripts) {
  EXPECT_EQ(spaced_punctuation(" a\t b \n"), " a\t b \n");
  EXPECT_EQ(spaced_punctuation("größe, naïve."), "größe , naïve .");
  EXPECT_EQ(spaced_punctuation(""), "");
}

TEST(SpacedPunctuation, DoesNothingToWhatItHasMade) {
  const std::string once = spaced_punctuation("He said: \"(maybe)\".");
  EXPECT_EQ(spaced_punctuation(once), once);
}

}  // namespace
}  // namespace recur
