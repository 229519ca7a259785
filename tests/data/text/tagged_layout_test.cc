#include "recur/data/text/tagged_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TaggedLayout layout(std::string text, const TaggedTextOptions& options = {}, const std::string& name = "a.txt") {
  return find_layout(DataFile::from_memory(name, std::move(text)), options);
}

bool tagged(std::string text) { return looks_tagged(DataFile::from_memory("a.txt", std::move(text))); }

const TaggedTextOptions kPredict{.need_tags = false, .known_tags = {"N", "V", "."}};

TEST(TaggedLayout, TellsPlainSentencesFromColumnsByTheTagsOfTheModel) {
  EXPECT_EQ(layout("we saw him .\n", kPredict).kind, TaggedKind::kPlain);  // the point is a tag too
  EXPECT_EQ(layout("we saw\nhe went\n", kPredict).kind, TaggedKind::kPlain);
  EXPECT_EQ(layout("we N\nsaw V\n\nhe N\n", kPredict).kind, TaggedKind::kConll);
  EXPECT_EQ(layout("we saw him\nhe went\n", kPredict).kind, TaggedKind::kPlain);      // rows of unequal length
  EXPECT_EQ(layout("we X N\nsaw V\n\nhe X N\n", kPredict).kind, TaggedKind::kConll);  // columns with a fault
  EXPECT_EQ(layout("we\tX\nsaw\tY\n", kPredict).kind, TaggedKind::kConll);            // tabs
  EXPECT_EQ(layout("we\nsaw\n\nhe\n", kPredict).kind, TaggedKind::kConll);
  EXPECT_THAT(layout("we\nsaw\n", kPredict).notes, ElementsAre(HasSubstr("one token per line")));
}

TEST(TaggedLayout, AsksWhereItMayBeEither) {
  EXPECT_ERROR(layout("we X\nsaw Y\n\nhe X\n", kPredict),
               "may be columns or sentences; set --format conll or --format plain");
  TaggedTextOptions chosen = kPredict;
  chosen.format = "plain";
  EXPECT_EQ(layout("we X\nsaw Y\n\nhe X\n", chosen).kind, TaggedKind::kPlain);
}

TEST(TaggedLayout, FindsAHeaderByItsNames) {
  const TaggedLayout found = layout("word\tner\nwe\tO\nsaw\tO\n");
  EXPECT_TRUE(found.header);
  EXPECT_THAT(found.names, ElementsAre("word", "ner"));
  EXPECT_THAT(found.tags, ElementsAre("O"));
  EXPECT_FALSE(layout("word\tO\nwe\tO\n").header);  // a token like others
  EXPECT_FALSE(layout("we\tX\nsaw\tO\n").header);
}

TEST(TaggedLayout, FindsTokensBehindTheirNumbers) {
  EXPECT_EQ(layout("# source\n1\tmary\tB-PER\n2\tsings\tO\n\n1\tpaul\tB-PER\n").token, 1u);
  EXPECT_EQ(layout("1\tCD\tO\n3\tCD\tO\n").token, 0u);
  EXPECT_EQ(layout("1\tCD\n2\tCD\n").token, 0u);
}

TEST(TaggedLayout, ReadsTheColumnsOfConlluPlus) {
  const TaggedLayout found = layout("# global.columns = ID FORM UPOS\n1\ta\tX\n");
  EXPECT_EQ(found.kind, TaggedKind::kConllu);
  EXPECT_THAT(found.names, ElementsAre("ID", "FORM", "UPOS"));
}

TEST(TaggedLayout, CutsRowsIntoTrimmedCells) {
  std::vector<std::string_view> cells;
  split_tagged_row("a b\tX \t", cells);
  EXPECT_THAT(cells, ElementsAre("a b", "X", ""));
  split_tagged_row("  a   X  ", cells);
  EXPECT_THAT(cells, ElementsAre("a", "X"));
}

TEST(LooksTagged, NeedsGroupsOfRowsWhoseLastCellsRepeat) {
  EXPECT_TRUE(tagged("a X\nb Y\n\nc X\nd Y\n"));
  EXPECT_TRUE(tagged("# id 1\na\tX\nb\tY\n\n# id 2\nc\tX\nd\tY\n"));
  EXPECT_FALSE(tagged("a X\nb Y\nc X\nd Y\n"));    // one group
  EXPECT_FALSE(tagged("1 2\n3 4\n\n5 2\n6 4\n"));  // numbers
  EXPECT_FALSE(tagged("Some prose\n\nof words here\nand so on\n"));
  EXPECT_FALSE(tagged(""));
}

}  // namespace
}  // namespace recur::internal
