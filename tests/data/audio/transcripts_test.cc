#include "recur/data/audio/transcripts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Only names count: nothing is read of a sound here.
class TranscriptsTest : public ::testing::Test {
 protected:
  TranscriptsTest() {
    for (const char* name : {"a.wav", "b.wav", "c.flac"}) scratch_.put(name, "x");
  }
  Transcripts read(const std::string& name, const std::string& text, const TranscriptOptions& options = {}) const {
    const DataFile files[] = {scratch_.put(name, text)};
    return read_transcripts(files, options);
  }
  static std::vector<std::string> said(const Transcripts& all) {
    std::vector<std::string> out;
    for (const Transcript& item : all.items) {
      out.push_back(item.name + "=" + item.text + (item.speaker.empty() ? "" : " by " + item.speaker));
    }
    return out;
  }

  Scratch scratch_;
};

TEST_F(TranscriptsTest, ListsWithAndWithoutNamesOfColumns) {
  EXPECT_THAT(said(read("l.tsv", "a.wav\tone  two \nb.wav\tthree\n")), ElementsAre("a.wav=one two", "b.wav=three"));
  const Transcripts named = read("m.tsv", "text\tspeaker\tpath\tseconds\nHI\tann\ta.wav\t1\nHO\tbob\tb.wav\t2\n");
  EXPECT_THAT(said(named), ElementsAre("a.wav=HI by ann", "b.wav=HO by bob"));
  EXPECT_TRUE(named.has_speakers);
  EXPECT_EQ(named.where(named.items[1]), (scratch_ / "m.tsv").string() + ":3");
  EXPECT_THAT(said(read("n.csv", "file,said\na.wav,\"one, two\"\n")), ElementsAre("a.wav=one, two"));
  EXPECT_THAT(said(read("o.jsonl", R"({"audio_filepath": "a.wav", "duration": 1.5, "text": "one"})")),
              ElementsAre("a.wav=one"));
  EXPECT_THAT(said(read("p.tsv", "1\ta.wav\tx\tone\n", {.file = "#2", .text = "#4", .speaker = "#1"})),
              ElementsAre("a.wav=one by 1"));
  EXPECT_THAT(said(read("q.tsv", "where\twhat\twho\na.wav\tone\tann\n", {.file = "where", .text = "what"})),
              ElementsAre("a.wav=one"));
  const std::string whole = (scratch_ / "c.flac").string();
  EXPECT_THAT(said(read("sub/r.tsv", whole + "\tfull\n")), ElementsAre(whole + "=full"));
}

TEST_F(TranscriptsTest, WithoutTextsOneColumnIsEnough) {
  EXPECT_THAT(said(read("l.txt", "a.wav\nb.wav\n", {.need_texts = false})), ElementsAre("a.wav=", "b.wav="));
  const DataFile sounds[] = {scratch_ / "a.wav", scratch_ / "c.flac"};
  EXPECT_EQ(read_transcripts(sounds, {.need_texts = false}).items.size(), 2u);
  scratch_.put("a.txt", "one\n");
  EXPECT_EQ(read_transcripts(std::span(sounds, 1)).items[0].text, "one");
}

TEST_F(TranscriptsTest, FoldersHaveTextsBesideSounds) {
  const Scratch& s = scratch_;
  s.put("in/1.wav", "x");
  s.put("in/10.wav", "x");
  s.put("in/2.wav", "x");
  s.put("in/2.txt", "two\nlines\n");
  s.put("in/10.txt", "ten");
  s.put("in/3.txt", "nothing");
  s.put("in/.hidden.wav", "x");
  s.put("in/deep/19-198.trans.txt", "19-198-0000 NORTH\n19-198-0001 SOUTH EAST\n");
  s.put("in/deep/19-198-0000.flac", "x");
  s.put("in/deep/19-198-0001.flac", "x");
  const DataFile folders[] = {s / "in"};
  const Transcripts all = read_transcripts(folders);
  std::vector<std::string> texts;
  for (const Transcript& item : all.items) texts.push_back(item.text);
  EXPECT_THAT(texts, ElementsAre("two lines", "ten", "NORTH", "SOUTH EAST"));
  ASSERT_EQ(all.warnings.size(), 2u);
  EXPECT_THAT(all.warnings[0], HasSubstr("1 sound has no text and is left out"));
  EXPECT_THAT(all.warnings[1], HasSubstr("1 text has no sound and is left out"));
  EXPECT_THAT(all.warnings[1], HasSubstr("3.txt"));
  EXPECT_EQ(read_transcripts(folders, {.need_texts = false}).items.size(), 5u);
}

TEST_F(TranscriptsTest, WhatIsMissingIsCountedAndNamed) {
  std::string list = "a.wav\tone\nb.wav\t\n";
  for (int i = 0; i < 9; ++i) list += "gone" + std::to_string(i) + ".wav\tx\n";
  const Transcripts all = read("l.tsv", list);
  EXPECT_THAT(said(all), ElementsAre("a.wav=one"));
  ASSERT_EQ(all.warnings.size(), 2u);
  EXPECT_THAT(all.warnings[0], HasSubstr("9 files of the list are missing and are left out: gone0.wav"));
  EXPECT_THAT(all.warnings[0], HasSubstr("and 4 more"));
  EXPECT_THAT(all.warnings[1], HasSubstr("1 sound has no text and is left out: b.wav"));
  const Transcripts lines = read("l.jsonl", "{\"audio\": \"a.wav\", \"text\": \"one\"}\n{\"audio\": \"b.wav\"}\n");
  EXPECT_THAT(said(lines), ElementsAre("a.wav=one"));
  ASSERT_EQ(lines.warnings.size(), 1u);
  EXPECT_THAT(lines.warnings[0], HasSubstr("1 sound has no text and is left out: b.wav"));
  EXPECT_ERROR(read("m.tsv", "gone.wav\tone\n"), "no sound with a text is left: 1 file of the list is missing");
}

TEST_F(TranscriptsTest, UnclearListsAreQuestions) {
  EXPECT_THROW(read("l.tsv", "a\tb\tc\n"), UsageError);
  EXPECT_THROW(read("l.tsv", "path\tb\tc\na.wav\tx\ty\n"), UsageError);
  EXPECT_THROW(read("l.tsv", "a.wav\tone\n", {.file = "#3"}), UsageError);
  EXPECT_THROW(read("l.tsv", "path\ttext\na.wav\tone\n", {.speaker = "who"}), UsageError);
  EXPECT_THROW(read("l.tsv", "a.wav\tone\n", {.file = "#1", .text = "#1"}), UsageError);
  EXPECT_ERROR(read("l.tsv", "a.wav\n"), "got one column");
  EXPECT_ERROR(read("l.tsv", "a.wav\tone\nb.wav\n"), "l.tsv:2: expected 2 columns, got 1");
  EXPECT_ERROR(read("l.tsv", "a.wav\t\xff\n"), "l.tsv:1: byte 1 of a text is not UTF-8");
  EXPECT_ERROR(read("l.tsv", "\tone\n"), "expected the path of a sound, got an empty cell");
  EXPECT_ERROR(read("l.jsonl", R"({"audio": "a.wav", "words": "one"})"), "which key has the text?");
  EXPECT_ERROR(read("l.tsv", ""), "no sound with a text is left");
}

}  // namespace
}  // namespace recur
