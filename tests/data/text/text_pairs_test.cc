#include "recur/data/text/text_pairs.h"

#include <gtest/gtest.h>

#include "recur/base/error.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::Scratch;

class TextPairsTest : public ::testing::Test {
 protected:
  DataFile put(const std::string& name, const std::string& text) const { return scratch_.put(name, text); }
  static TextPairs read(const DataFile& file, const TextPairOptions& options = {}) {
    return read_text_pairs(std::span(&file, 1), options);
  }
  // "source|target" of each.
  static std::string shown(const TextPairs& pairs) {
    std::string out;
    for (const TextPair& pair : pairs.pairs) out += pair.source + "|" + pair.target + "\n";
    return out;
  }

  Scratch scratch_;
};

TEST_F(TextPairsTest, LinesWithATab) {
  const TextPairs pairs = read(put("a.tsv", "a dog\tein Hund\n\"cats\"\t katzen \r\n"));
  EXPECT_EQ(shown(pairs), "a dog|ein Hund\n\"cats\"|katzen\n");
  EXPECT_TRUE(pairs.where(pairs.pairs[1]).ends_with("a.tsv:2"));
}

TEST_F(TextPairsTest, TablesNameTheirColumns) {
  EXPECT_EQ(shown(read(put("a.csv", "id,source,target\n1,\"a, b\",c\n"))), "a, b|c\n");
  EXPECT_EQ(shown(read(put("b.tsv", "en\tde\tfr\nyes\tja\toui\n"), {.source = "fr", .target = "de"})), "oui|ja\n");
  EXPECT_EQ(shown(read(put("c.tsv", "yes\tx\tja\n"), {.source = "#1", .target = "#3"})), "yes|ja\n");
  EXPECT_EQ(shown(read(put("d.csv", "one,two\n"), {.header = "no"})), "one|two\n");
  const TextPairs guessed = read(put("e.csv", "en,de\nyes,ja\n"));
  EXPECT_EQ(shown(guessed), "en|de\nyes|ja\n");
  ASSERT_EQ(guessed.notes.size(), 1u);
  const TextPairs western = read(put("f.csv",
                                     "source,target\nstreet,Stra\xDF"
                                     "e\n"));
  EXPECT_EQ(shown(western),
            "street|Stra\xC3\x9F"
            "e\n");
  ASSERT_EQ(western.notes.size(), 1u);
  EXPECT_TRUE(western.notes[0].find("1 line is not UTF-8 and was read as Latin-1") != std::string::npos);
  EXPECT_TRUE(guessed.notes[0].find("the first row, en, de, is data") != std::string::npos) << guessed.notes[0];
}

TEST_F(TextPairsTest, NotesThatTheFirstOfTabbedLinesIsData) {
  const TextPairs guessed = read(put("a.tsv", "English\tFrench\nyes\toui\n"));
  EXPECT_EQ(shown(guessed), "English|French\nyes|oui\n");
  ASSERT_EQ(guessed.notes.size(), 1u);
  EXPECT_TRUE(guessed.notes[0].find("the first row, English, French, is data") != std::string::npos);
  EXPECT_TRUE(read(put("b.tsv", "yes\toui\n"), {.header = "no"}).notes.empty());
}

TEST_F(TextPairsTest, JsonLines) {
  EXPECT_EQ(shown(read(put("a.jsonl", "{\"src\": \"a\", \"tgt\": \"b\"}\n"))), "a|b\n");
  EXPECT_EQ(shown(read(put("b.jsonl", "{\"en\": \"a\", \"de\": \"b\"}\n"), {.source = "en", .target = "de"})), "a|b\n");
  EXPECT_ERROR(read(put("c.jsonl", "{\"en\": \"a\", \"de\": \"b\"}\n")),
               "which key has the source? source_column names");
  EXPECT_THROW(read(put("c.jsonl", "{\"en\": \"a\", \"de\": \"b\"}\n")), UsageError);
  EXPECT_ERROR(read(put("d.jsonl", "{\"src\": \"a\"}\n"), {.target = "de"}), "there is no key 'de'; keys: src");
}

TEST_F(TextPairsTest, TwoFilesLineByLine) {
  const DataFile en = put("a.en", "yes\nno\tno\n\nmaybe\n"), de = put("a.de", "ja\nnein\n\nvielleicht\n");
  const TextPairs pairs = read(en, {.target_files = {de}});
  EXPECT_EQ(shown(pairs), "yes|ja\nno\tno|nein\nmaybe|vielleicht\n");
  ASSERT_EQ(pairs.notes.size(), 1u);
  EXPECT_TRUE(pairs.notes[0].starts_with("1 pairs have an empty side and are left out, the first at "));
  EXPECT_TRUE(pairs.notes[0].ends_with("a.en:3"));
}

TEST_F(TextPairsTest, FilesOfDifferentLengthsAreBothNamed) {
  const DataFile longer = put("a.en", "1\n2\n3\n4\n"), shorter = put("a.de", "1\n2\n");
  EXPECT_ERROR(read(longer, {.target_files = {shorter}}), "a.en has 4 lines and ");
  EXPECT_ERROR(read(longer, {.target_files = {shorter}}), "a.de has 2: expected a target for each source");
  EXPECT_ERROR(read(shorter, {.target_files = {longer}}), "a.de has 2 lines and ");
  EXPECT_THROW(read(longer, {.target_files = {shorter, shorter}}), UsageError);
}

TEST_F(TextPairsTest, SourcesAloneKeepTheirLines) {
  const TextPairOptions sources{.source = "en", .need_targets = false};
  EXPECT_EQ(shown(read(put("a.txt", "a dog\n\nb\tc\n"), sources)), "a dog|\n|\nb|\n");
  EXPECT_EQ(shown(read(put("b.tsv", "en\tde\na\tb\n"), sources)), "a|\n");
  EXPECT_EQ(shown(read(put("c.tsv", "a\tb\n"), {.need_targets = false})), "a|\n");
  EXPECT_EQ(source_of_line(" a dog \tein Hund"), "a dog");
}

TEST_F(TextPairsTest, WhatIsNotClearIsAsked) {
  EXPECT_THROW(read(put("a.tsv", "a\tb\tc\n")), UsageError);
  EXPECT_ERROR(read(put("a.tsv", "a\tb\tc\n")), "which of 3 columns are the source and the target?");
  EXPECT_ERROR(read(put("b.tsv", "a\tb\n"), {.source = "en"}), "there is no column 'en'; columns: a, b");
  EXPECT_ERROR(read(put("b.tsv", "a\tb\n"), {.source = "#3"}), "expected #1 .. #2, got #3");
  EXPECT_ERROR(read(put("b.tsv", "a\tb\n"), {.source = "#2"}), "are the same column");
  EXPECT_ERROR(read(put("c.txt", "a b\n")), "targets of a file of their own: --target FILE");
}

TEST_F(TextPairsTest, DamagedLinesAreNamed) {
  EXPECT_ERROR(read(put("a.tsv", "a\tb\nc\n")), "a.tsv:2: expected 2 columns, got 1");
  EXPECT_ERROR(read(put("b.tsv", "a\tb\nc\t\xFF\n")), "b.tsv:2: byte 1 of a text is not UTF-8");
  EXPECT_ERROR(read(put("c.tsv", "")), "there are no pairs in it");
  EXPECT_ERROR(read(put("d.tsv", "a\t\n\t\n")), "there are no pairs in it");
}

}  // namespace
}  // namespace recur
