#include "recur/data/tables/csv_front.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {

char guessed(std::string text) { return guess_delimiter(DataFile::from_memory("data", std::move(text))); }

TEST(CsvFront, GuessesTheDelimiterBesideDecimalCommas) {
  const auto guess = [](std::string text, std::string_view decimal = {}) {
    return guess_delimiter(DataFile::from_memory("a", std::move(text)), decimal);
  };
  EXPECT_EQ(guess("1,5;2,5\n3,5;4,5\n"), ';');
  EXPECT_EQ(guess("a;b\n1,5;2,5\n"), ';');
  EXPECT_EQ(guess("1,5\t2,5\n3,5\t4,5\n"), '\t');
  EXPECT_EQ(guess("1,5 2,5\n", ","), ' ');
  EXPECT_EQ(guess("x,y\r1,2\r3,4\r"), ',');
}

TEST(CsvFront, TakesDelimitersByName) {
  EXPECT_EQ(delimiter_from_name("tab"), '\t');
  EXPECT_EQ(delimiter_from_name("space"), ' ');
  EXPECT_EQ(delimiter_from_name(";"), ';');
  EXPECT_THROW(delimiter_from_name(""), UsageError);
  EXPECT_THROW(delimiter_from_name("\""), UsageError);
  EXPECT_THROW(delimiter_from_name("::"), UsageError);
}

TEST(CsvFront, GuessesTheDelimiter) {
  EXPECT_EQ(guessed("a,b,c\n1,2,3\n"), ',');
  EXPECT_EQ(guessed("a\tb\n1,5\t2,5\n"), '\t');
  EXPECT_EQ(guessed("a;b;c\n1,5;2,5;3,5\n"), ';');
  EXPECT_EQ(guessed("a|b\n1|2"), '|');
  EXPECT_EQ(guessed("  1.0  2.0\n  2.0 3.0\n"), ' ');
  EXPECT_EQ(guessed("alone\n"), ',');
  EXPECT_EQ(guessed(""), ',');
}

TEST(CsvFront, IsExcelsDelimiterAndComments) {
  const auto front = [](std::string text) { return csv_front(DataFile::from_memory("a", std::move(text))); };
  EXPECT_EQ(front("sep=;\nx;y\n1;2\n").stated_delimiter, ';');
  EXPECT_EQ(front("\xEF\xBB\xBF\"SEP=|\"\r\nx|y\n").stated_delimiter, '|');
  EXPECT_EQ(front("sep=\t\nx\ty\n").lines, 1);
  EXPECT_EQ(front("sep=;\n# by hand\n\nx;y\n1;2\n").lines, 3);
  EXPECT_EQ(front("sep=\"\nx\n").lines, 0);
  EXPECT_EQ(front("# a, b and c\n#\nx,y\n1,2\n").lines, 2);
  EXPECT_EQ(front("# made\r# by x\rx,y\r1,2\r").lines, 2);
  EXPECT_EQ(front("# x,y\n1,2\n").lines, 0);     // a header
  EXPECT_EQ(front("#win,1\nyes,0\n").lines, 0);  // a text and its label
  EXPECT_EQ(front("# a\n# b\n").lines, 0);       // nothing else is there
  EXPECT_EQ(front("").lines, 0);
}

TEST(CsvFront, OfOneColumnIsAboveNumbersAlone) {
  const auto lines = [](std::string text) { return csv_front(DataFile::from_memory("a", std::move(text)), ',').lines; };
  EXPECT_EQ(lines("# in degrees\n1\n2\n"), 1);
  EXPECT_EQ(lines("# in degrees\nx\n2\n"), 1);
  EXPECT_EQ(lines("#x\n1\n2\n"), 0);
  EXPECT_EQ(lines("# one more day\nand another\nand one\n"), 0);
}

TEST(CsvFront, FindsTheFirstRow) {
  EXPECT_EQ(first_row_of("sep=;\n# by hand\ntext;label\nx;1\n"), "text;label");
  EXPECT_EQ(first_row_of("text,label\nx,1\n"), "text,label");
  EXPECT_EQ(first_row_of(""), "");
}

TEST(GuessDelimiter, CountsNoneInQuotes) {
  EXPECT_EQ(guessed("\"Hello, my friend\";pos\n\"no, no\";neg\n"), ';');
  EXPECT_EQ(guessed("5\" inches,a\nb,c\n"), ',');
}

}  // namespace
}  // namespace recur
