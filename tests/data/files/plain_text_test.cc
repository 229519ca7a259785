#include "recur/data/files/plain_text.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "recur/base/random.h"

namespace recur {
namespace {

TEST(PlainText, LosesBlanksAroundIt) {
  EXPECT_EQ(trimmed(" \t a b\t"), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(lower_ascii("A-z\xC3\x84"), "a-z\xC3\x84");
}

TEST(PlainText, ReadsDecimalNumbers) {
  EXPECT_EQ(parse_number("12"), 12);
  EXPECT_EQ(parse_number(" +1.5e3 "), 1500);
  EXPECT_EQ(parse_number("-.5"), -0.5);
  EXPECT_EQ(parse_number("-1e-400"), 0);
  EXPECT_EQ(parse_number("4.9e-324"), std::numeric_limits<double>::denorm_min());
}

TEST(PlainText, RefusesWhatIsNoNumber) {
  for (const char* cell :
       {"", "-", "+", "+-1", "1,5", "1 2", "0x10", "1e", "inf", "-Infinity", "nan", "1e999", "12a"}) {
    EXPECT_EQ(parse_number(cell), std::nullopt) << cell;
  }
}

// As std::from_chars has them, to the bit: with few and many digits, points and exponents anywhere.
TEST(PlainText, ReadsNumbersToTheNearest) {
  Random random(8);
  for (int round = 0; round < 200'000; ++round) {
    std::string text = random.below(2) == 0 ? "-" : "";
    const auto digits = [&](uint64_t most) {
      for (uint64_t i = random.below(most + 1); i > 0; --i) text += static_cast<char>('0' + random.below(10));
    };
    digits(random.below(4) == 0 ? 22 : 5);
    if (random.below(3) > 0) text += '.';
    digits(random.below(4) == 0 ? 22 : 6);
    if (random.below(4) == 0) {
      text += random.below(2) == 0 ? "e" : "E+";
      if (text.back() == 'e' && random.below(2) == 0) text += '-';
      digits(3);
    }
    double expected = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), expected);
    if (error == std::errc::result_out_of_range) continue;
    const auto got = parse_number(text);
    ASSERT_EQ(got.has_value(), error == std::errc() && end == text.data() + text.size()) << text;
    if (!got) continue;
    ASSERT_EQ(*got, expected) << text;
    ASSERT_EQ(std::signbit(*got), std::signbit(expected)) << text;
  }
}

TEST(PlainText, ListsNamesWithoutEnd) {
  EXPECT_EQ(listed(std::vector<std::string>{"a", std::string(100, 'b')}), "a, " + std::string(40, 'b') + "...");
  EXPECT_EQ(listed(std::vector<std::string>(31, "x")).substr(84), "x, x, ... and 1 more");
  EXPECT_EQ(listed(std::vector<std::string>{"a", "b", "c"}, 2), "a, b, ... and 1 more");
  const std::string path(50, 'p');
  EXPECT_EQ(listed_files(std::vector<std::string>{path, "b.csv"}), path + ", b.csv");
  EXPECT_EQ(listed_files(std::vector<std::string>(12, "x")).substr(24), "x, x, ... and 2 more");
  EXPECT_EQ(files_text(std::vector<std::string>{"b.csv"}), "b.csv");
  EXPECT_EQ(files_text(std::vector<std::string>(12, "x")), "12 files");
  EXPECT_EQ(shortened(std::string(size_t{1} << 20, 'x')).size(), 43U);
}

TEST(PlainText, QuotesCellsForTheTerminal) {
  EXPECT_EQ(quoted_cell("abc"), "'abc'");
  EXPECT_EQ(quoted_cell("a\x1B[2Jb\xFF"), "'a?[2Jb?'");
  EXPECT_EQ(quoted_cell("\xC2\xA0"
                        "1\xE2\x80\x8B \xC3\xA9"),
            "'<U+00A0>1<U+200B> \xC3\xA9'");
  EXPECT_EQ(quoted_cell(std::string(100, 'x')), "'" + std::string(40, 'x') + "'...");
}

TEST(PlainText, CellsStandBetweenTabs) {
  using Cells = std::vector<std::string_view>;
  EXPECT_EQ(cells_between_tabs("a\t b\t\tc"), (Cells{"a", " b", "", "c"}));
  EXPECT_EQ(cells_between_tabs("a\t"), (Cells{"a", ""}));
  EXPECT_EQ(cells_between_tabs(""), (Cells{""}));
}

}  // namespace
}  // namespace recur
