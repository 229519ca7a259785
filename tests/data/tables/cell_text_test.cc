#include "recur/data/tables/cell_text.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(CellText, TellsMissingFromPresent) {
  for (const char* cell : {"", " ", "?", "NA", "na", "N/A", "NaN", "nan", "null", "NULL", "None", " NA "}) {
    EXPECT_TRUE(is_missing(cell)) << cell;
  }
  for (const char* cell : {"0", "-", "no", "nano", "inf", "none of it"}) EXPECT_FALSE(is_missing(cell)) << cell;
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
