#include "recur/data/tables/cell_text.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

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
  EXPECT_EQ(number_wanted(" -3,5"),
            "expected a number, got ' -3,5'; decimals follow a point unless --decimal , is set");
  EXPECT_EQ(number_wanted("1,2,3"), "expected a number, got '1,2,3'");
}

TEST(CellText, NamesASignBesideANumber) {
  EXPECT_EQ(sign_beside_number("$1,200.50"), "$");
  EXPECT_EQ(sign_beside_number(" -$3"), "$");
  EXPECT_EQ(sign_beside_number("10 %"), "%");
  EXPECT_EQ(sign_beside_number("5 EUR"), "EUR");
  EXPECT_EQ(sign_beside_number("\xE2\x82\xB9"
                               "1,250"),
            "\xE2\x82\xB9");
  EXPECT_EQ(sign_beside_number("(12.5)"), "parentheses (-12.5)");
  EXPECT_EQ(sign_beside_number("(a)"), "");
  EXPECT_EQ(sign_beside_number("12"), "");
  EXPECT_EQ(sign_beside_number("$"), "");
  EXPECT_EQ(sign_beside_number("$x"), "");
  EXPECT_EQ(number_wanted("10%"), "expected a number, got '10%'; write it without the %");
}

TEST(CellText, ReadsTheMinusOfTypesetters) {
  EXPECT_EQ(parse_number("\xE2\x88\x92"
                         "1.5"),
            -1.5);
  EXPECT_EQ(parse_number(" \xE2\x88\x92"
                         "12 "),
            -12);
  EXPECT_FALSE(parse_number("\xE2\x88\x92-1"));
  EXPECT_FALSE(parse_number("\xE2\x88\x92"));
}

TEST(CellText, WritesWholeNumbersAsOne) {
  EXPECT_EQ(canonical_label("1.0000000e+00"), "1");
  EXPECT_EQ(canonical_label(" -1 "), "-1");
  EXPECT_EQ(canonical_label("1.5"), "1.5");
  EXPECT_EQ(canonical_label("cat"), "cat");
  EXPECT_EQ(canonical_label("1e300"), "1e300");
  EXPECT_EQ(canonical_label("1.0"), "1");
  EXPECT_EQ(canonical_label("12."), "12");
  EXPECT_EQ(canonical_label("-0.0"), "0");
  EXPECT_EQ(canonical_label("1.2000000e+01"), "12");
  EXPECT_EQ(canonical_label("1.2500000e+01"), "1.2500000e+01");
}

TEST(CellText, LeavesCodesAsTheyAre) {
  for (const char* code : {"00501", "007", "1E5", "1e5", "+1", "1E05", ".0", "1.0.0", "12.5E1", "1.0x", "100000"}) {
    EXPECT_EQ(canonical_label(code), code);
  }
  EXPECT_EQ(canonical_label("007.0"), "007");
}

TEST(CellText, TakesTrueAndFalseForNumbers) {
  EXPECT_EQ(parse_boolean(" True"), 1);
  EXPECT_EQ(parse_boolean("FALSE"), 0);
  for (const char* cell : {"", "t", "yes", "1", "truely"}) EXPECT_EQ(parse_boolean(cell), std::nullopt) << cell;
}

TEST(CellText, ReadsNumbersWithMarks) {
  const NumberMarks german{.decimal = ',', .thousands = '.'}, plain_comma{.decimal = ','};
  EXPECT_EQ(parse_marked_number("3,5", german), 3.5);
  EXPECT_EQ(parse_marked_number("-1.234.567,25", german), -1234567.25);
  EXPECT_EQ(parse_marked_number("1234,5", german), 1234.5);
  EXPECT_EQ(parse_marked_number("1,5e3", german), 1500);
  for (const char* cell : {"1.23,5", "12.34", "1234.567,5", ".123", "1.234.56", "a", ""}) {
    EXPECT_EQ(parse_marked_number(cell, german), std::nullopt) << cell;
  }
  EXPECT_EQ(parse_marked_number("1.5", plain_comma), std::nullopt);
  EXPECT_EQ(parse_marked_number("1,234.5", {.decimal = '.', .thousands = ','}), 1234.5);
  EXPECT_EQ(parse_marked_number("1 234 567", {.decimal = '.', .thousands = ' '}), 1234567);
  EXPECT_EQ(parse_marked_number("1\xC2\xA0"
                                "234,5",
                                {.decimal = ',', .thousands = ' '}),
            1234.5);
}

TEST(CellText, TakesMarksFromOptions) {
  EXPECT_TRUE(number_marks("", "").plain());
  EXPECT_EQ(number_marks(",", ""), (NumberMarks{.decimal = ',', .thousands = '\0'}));
  EXPECT_EQ(number_marks("", "."), (NumberMarks{.decimal = ',', .thousands = '.'}));
  EXPECT_EQ(number_marks("", "space").thousands, ' ');
  EXPECT_ERROR(number_marks(";", ""), "decimal: expected . or ,");
  EXPECT_ERROR(number_marks("", "x"), "thousands: expected one of");
  EXPECT_ERROR(number_marks(",", ","), "two different marks");
}

}  // namespace
}  // namespace recur
