#include "recur/data/text/text_format.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur::internal {
namespace {

FoundTextFormat found(const std::string& name, std::string text, const TextRowOptions& options = {}) {
  return find_text_format(DataFile::from_memory(name, std::move(text)), options);
}

TEST(TextFormat, GoesByExtensionAndOption) {
  EXPECT_EQ(found("a.csv", "x;y\n1;2\n").delimiter, ';');
  EXPECT_EQ(found("a.tsv", "x,y\n").delimiter, '\t');
  EXPECT_EQ(found("a.csv", "x,y\n", {.delimiter = "tab"}).delimiter, '\t');
  EXPECT_EQ(found("a.jsonl", "{}\n").format, TextFormat::kJsonLines);
  EXPECT_EQ(found("a.txt", "x,y\n", {.format = "csv"}).format, TextFormat::kTable);
  EXPECT_ERROR(found("a.txt", "", {.format = "odd"}), "unknown format 'odd'");
}

TEST(TextFormat, GoesByTheFirstLineWhereTheNameSaysNothing) {
  EXPECT_EQ(found("/dev/fd/63", "text,label\na film,pos\n").format, TextFormat::kTable);
  EXPECT_EQ(found("a.dat", "w;u\na film;pos\n", {.text = "w", .label = "u"}).delimiter, ';');
  EXPECT_EQ(found("a.txt", "\"words\",kind\na film,pos\n", {.need_labels = false, .before = {.text = "words"}}).format,
            TextFormat::kTable);
  EXPECT_EQ(found("standard input", "{ \"text\": \"a film\"}\n").format, TextFormat::kJsonLines);
  EXPECT_EQ(found("a.txt", "pos a text, and more\n").format, TextFormat::kLabelFirst);
}

TEST(TextFormat, FindsTheLabelBehindTheTab) {
  const auto behind = found("a.txt", "one film\t0\nanother film\t1\na third\t0\nthe last\t1\n");
  EXPECT_EQ(behind.format, TextFormat::kTable);
  EXPECT_FALSE(behind.note.empty());
  EXPECT_EQ(found("a.txt", "0\tone film\n1\tanother film\n0\ta third\n").format, TextFormat::kLabelFirst);
  EXPECT_EQ(found("a.txt", "label\ttext\n0\tone film\n1\tanother film\n").format, TextFormat::kTable);
  EXPECT_EQ(found("a.txt", "0 one film\n1 another film\twith a tab\n").format, TextFormat::kLabelFirst);
}

TEST(TextFormat, GoesByKnownLabelsWhereNoneAreNeeded) {
  const TextRowOptions known{.need_labels = false, .known_labels = {"0", "1"}};
  EXPECT_EQ(found("a.txt", "0 one\n1 two\n", known).format, TextFormat::kLabelFirst);
  EXPECT_EQ(found("a.txt", "one\t0\ntwo\t1\n", known).format, TextFormat::kTable);
  EXPECT_EQ(found("a.txt", "one\t0\ntwo\t7\n", known).format, TextFormat::kPlain);
  EXPECT_EQ(found("a.txt", "0 one\n1 two\n", {.need_labels = false}).format, TextFormat::kPlain);
}

TEST(TextFormat, SplitsLinesOfFastText) {
  EXPECT_EQ(found("a.txt", "__label__a text\n").format, TextFormat::kFastText);
  const FastTextLine two = split_fasttext("__label__a some __label__b  text");
  EXPECT_EQ(two.labels, 2);
  EXPECT_EQ(two.first, "__label__a");
  EXPECT_EQ(two.second, "__label__b");
  EXPECT_EQ(two.text, "some  text");
  EXPECT_EQ(split_fasttext("a film __label__good").text, "a film");
  EXPECT_EQ(split_fasttext("no __label__ here").labels, 0);
}

}  // namespace
}  // namespace recur::internal
