#include "recur/tasks/sample_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

SampleLines of_xy() { return SampleLines({.channels = {"x", "y"}, .columns = {.id = "unit"}, .missing = "-9"}); }

TEST(SampleLines, TakesChannelsByTheNamesOfAHeader) {
  SampleLines lines = of_xy();
  EXPECT_FALSE(lines.read("\xEF\xBB\xBFtime,y,\"x\",note\r"));
  EXPECT_THAT(lines.read("1,2.5,-3,hello\r")->values, ElementsAre(-3, 2.5f));
  EXPECT_FALSE(lines.has_ids());
  EXPECT_EQ(lines.read("2,1,1,")->id, "");
}

TEST(SampleLines, TellsSeriesApartByTheirIds) {
  SampleLines lines = of_xy();
  EXPECT_FALSE(lines.read("unit\tx\ty"));
  EXPECT_TRUE(lines.has_ids());
  EXPECT_EQ(lines.read("pump 7\t1\t2")->id, "pump 7");
}

TEST(SampleLines, NeedsNoHeader) {
  for (const char* line : {"1,2", "1\t2", "1;2", "1|2", " 1   2 "}) {
    EXPECT_THAT(of_xy().read(line)->values, ElementsAre(1, 2)) << line;
  }
  SampleLines numbered({.channels = {"#2", "#4"}, .columns = {.id = "#1"}});
  const auto sample = numbered.read("7,1,0,2");
  EXPECT_THAT(sample->values, ElementsAre(1, 2));
  EXPECT_EQ(sample->id, "7");
}

TEST(SampleLines, KnowsMissingValues) {
  SampleLines lines = of_xy();
  for (const char* line : {"1,", "1,NaN", "1,?", "1,-9"}) {
    const auto sample = lines.read(line);
    EXPECT_EQ(sample->values[0], 1) << line;
    EXPECT_TRUE(std::isnan(sample->values[1])) << line;
  }
}

TEST(SampleLines, PassesOverEmptyLinesAndCountsThem) {
  SampleLines lines = of_xy();
  EXPECT_FALSE(lines.read(""));
  EXPECT_FALSE(lines.read("  "));
  EXPECT_TRUE(lines.read("1,2"));
  EXPECT_EQ(lines.line(), 3);
}

TEST(SampleLines, SaysWhereALineIsWrong) {
  SampleLines lines = of_xy();
  lines.read("x,y");
  EXPECT_ERROR(lines.read("1,2,3"), "standard input:2: expected 2 cells, got 3");
  EXPECT_ERROR(lines.read("1,high"), "standard input:3: column 2 (y): expected a number, got 'high'");
  EXPECT_ERROR(lines.read("inf,2"), "column 1 (x): expected a number");
  EXPECT_ERROR(lines.read("1e39,2"), "column 1 (x)");
  EXPECT_THAT(lines.read("1,2")->values, ElementsAre(1, 2));  // goes on
  EXPECT_ERROR(of_xy().read("x,z"), "there is no column 'y'");
  EXPECT_ERROR(of_xy().read("x,y,x"), "standard input:1: two columns are called 'x'");
  EXPECT_ERROR(of_xy().read("1,2,3"), "expected a header, or the 2 values of x, y; got 3 cells");
}

}  // namespace
}  // namespace recur
