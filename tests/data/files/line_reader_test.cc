#include "recur/data/files/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> all_lines(std::string text) {
  LineReader reader(DataFile::from_memory("data", std::move(text)));
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) lines.emplace_back(line);
  return lines;
}

TEST(LineReader, EndsLinesAtLineFeedsAndDropsTheReturnBeforeThem) {
  EXPECT_THAT(all_lines("a\r\nb\n\nc"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(all_lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(all_lines("a\rb\n"), ElementsAre("a\rb"));
  EXPECT_THAT(all_lines(""), IsEmpty());
}

TEST(LineReader, DropsTheByteOrderMarkAtTheFrontAlone) {
  EXPECT_THAT(all_lines("\xEF\xBB\xBF"
                        "a\n\xEF\xBB\xBF"
                        "b"),
              ElementsAre("a",
                          "\xEF\xBB\xBF"
                          "b"));
  EXPECT_THAT(all_lines("\xEF\xBB\xBF"), IsEmpty());
}

TEST(LineReader, GivesLinesLongerThanItsBuffer) {
  const std::string first(1000003, 'x'), second(300000, 'y');
  EXPECT_THAT(all_lines(first + "\n" + second + "\nz"), ElementsAre(first, second, "z"));
}

TEST(LineReader, CountsLines) {
  LineReader reader(DataFile::from_memory("data", "a\nb\nc\n"));
  std::string_view line;
  for (int64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(reader.line(), i);
  }
  EXPECT_FALSE(reader.next(line));
}

TEST(LineReader, EndsLinesAtReturnsWhereThereIsNothingElse) {
  EXPECT_THAT(all_lines("a\rb\r\rc"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(all_lines("a\rb\r"), ElementsAre("a", "b"));
}

TEST(LineReader, ReadsALongLineInTimeInProportion) {
  // In small pieces, as decompression gives them: a buffer that is copied with each would take minutes.
  class Pieces : public ByteStream {
   public:
    size_t read(std::span<char> out) override {
      const size_t count = std::min({out.size(), size_t{1} << 12, left_});
      std::fill_n(out.begin(), count, 'x');
      left_ -= count;
      return count;
    }

   private:
    size_t left_ = size_t{64} << 20;
  };
  LineReader reader(DataFile::from_stream("long", [] { return std::make_unique<Pieces>(); }));
  std::string_view line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line.size(), size_t{64} << 20);
}

TEST(LineReader, NamesFilesOfOtherPrograms) {
  EXPECT_ERROR(all_lines(std::string("PAR1\x15\0\x15", 7)), "data: this is a Parquet file; save it as CSV");
}

TEST(LineReader, RefusesBinaryDataAndOtherEncodings) {
  EXPECT_ERROR(all_lines(std::string("ab\nc\0d", 6)), "data:2: NUL byte at position 2");
  EXPECT_ERROR(all_lines(std::string("\xFF\xFE\x41\x00", 4)), "data:1: UTF-16");
}

}  // namespace
}  // namespace recur
