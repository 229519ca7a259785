#include "recur/data/tables/guess_layout.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(GuessLayout, AsksWhetherColumnsOfDifferentLengthsAreSeries) {
  const std::string header = "Y1,Y2,Y3,Y4,Y5,Y6,Y7,Y8\n", row = "1,2,3,4,5,6,7,8\n";
  EXPECT_ERROR(guess(header + row + "1,,3,4,,6,7,8\n1,,3,4,,6,7,8\n"), "layout = long");
  EXPECT_EQ(guess(header + row + "1,2,3,4,5,,,\n").layout, Layout::kWide);
  EXPECT_EQ(guess("date," + header + "2020-01-01," + row + "2020-01-02," + row + "2020-01-03," + row).layout,
            Layout::kLong);
}

// As the heartbeats of Kaggle's MIT-BIH files: no header, and the class behind 187 samples.
TEST(GuessLayout, OfAnUnnamedTableWithALabelARowIsWide) {
  const auto row = [](int i) {
    std::string cells;
    for (int t = 0; t < 16; ++t) cells += fmt::format("0.{},", (i * 7 + t * 3) % 10);
    return cells + fmt::format("{}.0", i % 3);
  };
  SequenceOptions options;
  options.columns.labels = {"#17"};
  EXPECT_EQ(layout_name(guess(table_of("", 12, row), options).layout), "wide");
  EXPECT_EQ(layout_name(guess(table_of("", 12, row)).layout), "long");
}

TEST(GuessLayout, KnowsStepsCalledByYearsAndDates) {
  std::string years = "country,code", dates = "page", cells;
  for (int i = 1; i <= 9; ++i) {
    years += fmt::format(",{}", 1990 + i);
    dates += fmt::format(",2020-0{}-28", i);
    cells += fmt::format(",{}", i * i);
  }
  const Columns by_date = guess(dates + "\na" + cells + "\nb" + cells + "\n");
  EXPECT_EQ(layout_name(by_date.layout), "wide");
  EXPECT_EQ(by_date.id, "page");
  const Columns by_year = guess(years + ",\na,p" + cells + ",\nb,q" + cells + ",\n");  // an empty column at the end
  EXPECT_EQ(layout_name(by_year.layout), "wide");
  EXPECT_EQ(by_year.id, "country");
  const std::string numbers = years.substr(years.find("1991"));
  EXPECT_EQ(guess(numbers + "\n" + numbers + "\n").id, "");  // rows of data that rise alike
}

}  // namespace
}  // namespace recur
