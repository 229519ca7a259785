#include "recur/data/cell_text.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(CellText, TellsMissingFromPresent) {
  for (const char* cell : {"", " ", "?", "NA", "na", "N/A", "NaN", "nan", "null", "NULL", "None", " NA "}) {
    EXPECT_TRUE(is_missing(cell)) << cell;
  }
  for (const char* cell : {"0", "-", "no", "nano", "inf", "none of it"}) EXPECT_FALSE(is_missing(cell)) << cell;
}

TEST(CellText, ReadsDecimalNumbers) {
  EXPECT_EQ(parse_number("12"), 12);
  EXPECT_EQ(parse_number(" +1.5e3 "), 1500);
  EXPECT_EQ(parse_number("-.5"), -0.5);
  EXPECT_EQ(parse_number("1e-400"), std::nullopt);
}

TEST(CellText, RefusesWhatIsNoNumber) {
  for (const char* cell :
       {"", "-", "+", "+-1", "1,5", "1 2", "0x10", "1e", "inf", "-Infinity", "nan", "1e999", "12a"}) {
    EXPECT_EQ(parse_number(cell), std::nullopt) << cell;
  }
}

TEST(CellText, QuotesCellsForTheTerminal) {
  EXPECT_EQ(quoted_cell("abc"), "'abc'");
  EXPECT_EQ(quoted_cell("a\x1B[2Jb\xFF"), "'a?[2Jb?'");
  EXPECT_EQ(quoted_cell(std::string(100, 'x')), "'" + std::string(40, 'x') + "'...");
}

TEST(CellText, WritesWholeNumbersAsOne) {
  EXPECT_EQ(canonical_label("1.0000000e+00"), "1");
  EXPECT_EQ(canonical_label(" -1 "), "-1");
  EXPECT_EQ(canonical_label("1.5"), "1.5");
  EXPECT_EQ(canonical_label("cat"), "cat");
  EXPECT_EQ(canonical_label("1e300"), "1e300");
}

}  // namespace
}  // namespace recur
