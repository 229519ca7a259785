#include "recur/data/tables/cell_text.h"

#include <gtest/gtest.h>

#include <limits>

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
  EXPECT_EQ(parse_number("-1e-400"), 0);
  EXPECT_EQ(parse_number("4.9e-324"), std::numeric_limits<double>::denorm_min());
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
  EXPECT_EQ(quoted_cell("\xC2\xA0"
                        "1\xE2\x80\x8B \xC3\xA9"),
            "'<U+00A0>1<U+200B> \xC3\xA9'");
  EXPECT_EQ(quoted_cell(std::string(100, 'x')), "'" + std::string(40, 'x') + "'...");
}

TEST(CellText, SaysHowDecimalsAreWritten) {
  EXPECT_EQ(number_wanted("abc"), "expected a number, got 'abc'");
  EXPECT_EQ(number_wanted(" -3,5"), "expected a number, got ' -3,5'; decimals stand behind a point");
  EXPECT_EQ(number_wanted("1,2,3"), "expected a number, got '1,2,3'");
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
