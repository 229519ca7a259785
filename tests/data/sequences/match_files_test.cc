#include "recur/data/sequences/match_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

using Names = std::vector<std::string>;

TEST(MatchFiles, ByNamesWithOrWithoutFoldersAndExtensions) {
  const Names files{"data/s10.csv", "data/s2.csv.gz"};
  for (const Names& cells : {Names{"s2.csv.gz", "s10.csv"},
                             {"s2", "s10"},
                             {"data/s2.csv.gz", "./data/s10.csv"},
                             {"s2.wav", "s10.wav"},
                             {"other/s2", "other/s10"}}) {
    const auto found = match_files(files, cells);
    ASSERT_TRUE(found) << cells[0];
    EXPECT_THAT(found->row_of, ElementsAre(Optional(1u), Optional(0u)));
    EXPECT_EQ(found->kind, "file names");
  }
}

TEST(MatchFiles, ByFolderWhereNamesAreTheSame) {
  const auto found = match_files({"d/a/1.csv", "d/b/1.csv"}, {"b/1.csv", "a/1.csv"});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->row_of, ElementsAre(Optional(1u), Optional(0u)));
}

TEST(MatchFiles, ByTheNumberInNamesThatAreAlikeButForIt) {
  const auto found = match_files({"Run_1.csv", "Run_10.csv", "Run_002.csv"}, {"1", "2", "10"});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->row_of, ElementsAre(Optional(0u), Optional(2u), Optional(1u)));
  EXPECT_EQ(found->kind, "numbers in the file names");
  EXPECT_FALSE(match_files({"Run_1.csv", "Walk_2.csv"}, {"1", "2"}));
}

TEST(MatchFiles, OnlyWhereMostFilesAreNamedOnce) {
  EXPECT_EQ(match_files({"a.csv", "b.csv", "c.csv"}, {"a", "b", "x"})->matched(), 2u);
  EXPECT_FALSE(match_files({"a.csv", "b.csv", "c.csv"}, {"a", "y", "x"}));
  EXPECT_FALSE(match_files({"a.csv", "b.csv"}, {"a", "a", "b"}));
  EXPECT_FALSE(match_files({}, {"a"}));
}

TEST(OutOfOrder, IsWhatAShellMakesOfNumbers) {
  EXPECT_FALSE(out_of_order({"1.csv", "2.csv", "10.csv"}));
  EXPECT_FALSE(out_of_order({}));
  const auto wrong = out_of_order({"1.csv", "10.csv", "2.csv"});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->first, "10.csv");
  EXPECT_EQ(wrong->second, "2.csv");
}

}  // namespace
}  // namespace recur::internal
