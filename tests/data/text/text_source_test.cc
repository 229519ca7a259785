#include "recur/data/text/text_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string read_all(const TextSource& source, TextRange range) {
  std::string text;
  source.for_each_block(range, [&](const TextBlock& block) {
    text += block.text;
    return true;
  });
  return text;
}

std::string read_all(const TextSource& source) { return read_all(source, source.all()); }

template <class Function>
std::string message_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TextSource, JoinsPathsInTheirOrderAndFoldersInOrderOfNames) {
  const testing::Scratch folder;
  const auto last = folder.put("last.txt", "last");
  folder.put("f/b.txt", "B");
  folder.put("f/a/z.txt", "AZ");
  folder.put("f/c.txt", "C");
  folder.put("f/.hidden", "no");
  folder.put("f/.git/config", "no");
  folder.put("f/empty", "");
  const TextSource source({folder.folder() / "f", last, last});
  EXPECT_EQ(read_all(source), "AZBClastlast");
  EXPECT_EQ(source.size(), 12);
  EXPECT_EQ(source.files(), 5u);
}

TEST(TextSource, SkipsBinaryFilesOfAFolderAndSaysSo) {
  const testing::Scratch folder;
  folder.put("a.txt", "text");
  folder.put("b.bin", std::string("x\0y", 3));
  folder.put("c.latin1", "caf\xE9 au lait");
  std::vector<std::string> lines;
  auto before = set_log_sink([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  const TextSource source({folder.folder()});
  set_log_sink(std::move(before));
  EXPECT_EQ(read_all(source), "text");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("b.bin: skipped, it is not text: NUL byte at offset 1"),
                                 HasSubstr("c.latin1: skipped, it is not text: invalid UTF-8 at offset 3")));
}

TEST(TextSource, NamesWhatIsWrong) {
  const testing::Scratch folder;
  const auto message = [](const std::filesystem::path& path) { return message_of([&] { TextSource source({path}); }); };
  EXPECT_THAT(message(folder.folder() / "none"), HasSubstr("none: No such file"));
  EXPECT_THAT(message(folder.put("empty", "")), HasSubstr("empty is empty"));
  EXPECT_THAT(message(folder.put("d/empty", "").parent_path()), HasSubstr("/d has no text files"));
  EXPECT_THAT(message(folder.put("bin", std::string("abc\0", 4))), HasSubstr("bin is not text: NUL byte at offset 3"));
  EXPECT_THAT(message(folder.put("t.gz", "\x1F\x8B\x08")), HasSubstr("compressed (gzip); unpack it first"));
  EXPECT_THAT(message_of([] { TextSource source(std::vector<DataFile>{}); }), HasSubstr("no file given"));
  EXPECT_THAT(message_of([] { TextSource::from_text("nothing", ""); }), HasSubstr("nothing is empty"));
  EXPECT_THAT(message_of([] { TextSource::from_text("packed", "\x1F\x8B\x08"); }),
              HasSubstr("packed is not text: it is compressed (gzip); unpack it first"));
}

TEST(TextSource, NamesFileAndOffsetOfInvalidUtf8WhereItIsNeeded) {
  const testing::Scratch folder;
  const TextSource source({folder.put("good", "good"), folder.put("latin1", "caf\xE9 au lait")});
  EXPECT_EQ(read_all(source), "goodcaf\xE9 au lait");
  EXPECT_THAT(message_of([&] { source.for_each_utf8_block(source.all(), [](const TextBlock&) { return true; }); }),
              HasSubstr("latin1: invalid UTF-8 at offset 3"));
}

TEST(TextSource, GivesAnyRangeAcrossFiles) {
  const testing::Scratch folder;
  const TextSource source({folder.put("a", "abc"), folder.put("b", "defg"), folder.put("c", "hi")});
  const std::string text = "abcdefghi";
  for (int64_t begin = 0; begin <= 9; ++begin) {
    for (int64_t end = begin; end <= 9; ++end) {
      EXPECT_EQ(read_all(source, {begin, end}),
                text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
    }
  }
}

TEST(TextSource, CutsLongTextsAtLinesSpacesOrCodePoints) {
  std::string lines, words, letters;
  while (lines.size() < 3000000) lines += "a line of words\n";
  while (words.size() < 3000000) words += "words ";
  while (letters.size() < 3000000) letters += "\xE2\x82\xAC";
  for (const auto& [text, last] : {std::pair(lines, "\n"), std::pair(words, " "), std::pair(letters, "\xAC")}) {
    const auto source = TextSource::from_text("long", text);
    std::string joined;
    int blocks = 0;
    source.for_each_utf8_block(source.all(), [&](const TextBlock& block) {
      EXPECT_TRUE(block.text.ends_with(last));
      EXPECT_EQ(block.offset, static_cast<int64_t>(joined.size()));
      EXPECT_EQ(block.ends_file, joined.size() + block.text.size() == text.size());
      joined += block.text;
      ++blocks;
      return true;
    });
    EXPECT_EQ(joined, text);
    EXPECT_EQ(blocks, 3);
  }
}

TEST(TextSource, JoinsFilesAndTextsInMemory) {
  const testing::Scratch folder;
  const TextSource source(
      {folder.put("a", "abc"), DataFile::from_memory("standard input", "d\xFF"), folder.put("b", "e")});
  EXPECT_EQ(read_all(source),
            "abcd\xFF"
            "e");
  EXPECT_THAT(message_of([&] { source.for_each_utf8_block(source.all(), [](const TextBlock&) { return true; }); }),
              HasSubstr("standard input: invalid UTF-8 at offset 1"));
}

TEST(TextSource, StopsWhenAsked) {
  const testing::Scratch folder;
  const auto file = folder.put("a", "a");
  int calls = 0;
  TextSource source({file, file, file});
  source.for_each_block(source.all(), [&](const TextBlock&) { return ++calls < 2; });
  EXPECT_EQ(calls, 2);
}

TEST(TextSource, NoticesAFileThatChanged) {
  const testing::Scratch folder;
  const TextSource source({folder.put("a", "abc")});
  folder.put("a", "abcdef");
  EXPECT_THAT(message_of([&] { read_all(source); }), HasSubstr("a has changed while it was read"));
}

TEST(SplitText, HoldsOutTheLastPartByBytesCodePointsOrLines) {
  const auto ascii = TextSource::from_text("t", "0123456789");
  EXPECT_EQ(split_text(ascii, 0.1, SplitUnit::kByte).train, (TextRange{0, 9}));
  EXPECT_EQ(split_text(ascii, 0.25, SplitUnit::kCodePoint).valid, (TextRange{7, 10}));
  const auto euros = TextSource::from_text("t",
                                           "a\xE2\x82\xAC"
                                           "b\xE2\x82\xAC"
                                           "c");
  EXPECT_EQ(split_text(euros, 0.4, SplitUnit::kCodePoint).train, (TextRange{0, 5}));
  EXPECT_EQ(split_text(euros, 0.6, SplitUnit::kCodePoint).train, (TextRange{0, 4}));
  const auto lines = TextSource::from_text("t", "ab\ncd\nef\ngh\n");
  EXPECT_EQ(split_text(lines, 0.5, SplitUnit::kLine).train, (TextRange{0, 6}));
  EXPECT_EQ(split_text(lines, 0.45, SplitUnit::kLine).train, (TextRange{0, 6}));
  EXPECT_EQ(split_text(lines, 0.4, SplitUnit::kLine).train, (TextRange{0, 9}));
}

TEST(SplitText, CutsLinesAtFileStartsToo) {
  const testing::Scratch folder;
  const TextSource source({folder.put("a", "no line end"), folder.put("b", "none here either")});
  EXPECT_EQ(split_text(source, 0.8, SplitUnit::kLine).train, (TextRange{0, 11}));
}

TEST(SplitText, CutsAtAWordWhereNoLineStarts) {
  const auto one_line = TextSource::from_text("t", "one two three four\n");
  EXPECT_EQ(split_text(one_line, 0.5, SplitUnit::kLine).train, (TextRange{0, 14}));
  EXPECT_EQ(split_text(one_line, 0.28, SplitUnit::kLine).train, (TextRange{0, 14}));
  EXPECT_EQ(split_text(TextSource::from_text("t", "a b\nc d e f"), 0.3, SplitUnit::kLine).train, (TextRange{0, 8}));
  EXPECT_THROW(split_text(TextSource::from_text("t", "oneword\n"), 0.5, SplitUnit::kLine), Error);
  EXPECT_THROW(split_text(one_line, 0.1, SplitUnit::kLine), Error);
}

TEST(SplitText, RefusesWhatLeavesNothing) {
  const auto tiny = TextSource::from_text("t", "a");
  EXPECT_THROW(split_text(tiny, 0.5, SplitUnit::kCodePoint), Error);
  for (const double bad : {0.0, 1.0, -1.0, std::nan("")}) EXPECT_THROW(split_text(tiny, bad, SplitUnit::kByte), Error);
}

}  // namespace
}  // namespace recur
