#include "recur/data/tables/calendar_columns.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string months(const std::string& header, int rows) {
  return table_of(header + "\n", rows, [](int i) { return fmt::format("{},{},{}.5", 2010 + i / 12, 1 + i % 12, i); });
}

std::string time_and_format(const Columns& columns) { return columns.time + " " + columns.time_format; }

TEST(CalendarColumns, OfYearsAndTheirPartsIsTheTime) {
  EXPECT_EQ(time_and_format(guess(months("Year,Month,x", 30))), "Year,Month %Y %m");
  EXPECT_THAT(guess(months("Year,Month,x", 30)).values, ElementsAre("x"));
  EXPECT_THAT(notes_of(months("year,month,x", 30)),
              ElementsAre("a.csv: the time is in 2 columns, time_column = year,month"));
  const auto quarters = [](int i) { return fmt::format("{},Q{},{}.5", 2010 + i / 4, 1 + i % 4, i); };
  EXPECT_EQ(time_and_format(guess(table_of("year,quarter,x\n", 10, quarters))), "year,quarter %Y %q");
  const auto named = [](int i) { return fmt::format("{},{},{}.5", i % 2 ? "Feb" : "January", 2010 + i / 2, i); };
  EXPECT_EQ(time_and_format(guess(table_of("month,year,x\n", 6, named))), "year,month %Y %b");
  const auto hours = [](int i) {
    return fmt::format("{},2010,{},{},{},{}.5", i + 1, 1 + i / 48, 1 + i / 24 % 2, i % 24, i);
  };
  const Columns hourly = guess(table_of("No,year,month,day,hour,x\n", 96, hours));
  EXPECT_EQ(time_and_format(hourly), "year,month,day,hour %Y %m %d %H");
  EXPECT_THAT(hourly.values, ElementsAre("x"));
}

TEST(CalendarColumns, RisesWithinSeries) {
  const auto shops = [](int i) {
    return fmt::format("{},{},{},{}.5", i % 2 ? "a" : "b", 2010 + i / 24, 1 + i / 2 % 12, i);
  };
  EXPECT_EQ(guess(table_of("shop,year,month,x\n", 60, shops)).id, "shop");
  EXPECT_EQ(guess(table_of("shop,year,month,x\n", 60, shops)).time, "year,month");
  const auto events = [](int i) { return fmt::format("{},{},{}.5", 2010 + i * 7 % 5, 1 + i * 5 % 12, i); };
  EXPECT_EQ(guess(table_of("year,month,x\n", 70, events)).time, "");
}

TEST(CalendarColumns, IsTheTimeOfRowsInAnotherOrder) {
  const auto newest_first = [](int i) { return fmt::format("{},{},{}.5", 2010 - i / 12, 12 - i % 12, i); };
  EXPECT_EQ(guess(table_of("year,month,x\n", 30, newest_first)).time, "year,month");
}

TEST(CalendarColumns, MayLackACellOrHaveDecimals) {
  const auto lacks = [](int i) { return fmt::format("{},{},{}.5", i == 7 ? "" : "2010.0", 1 + i, i); };
  EXPECT_EQ(guess(table_of("year,month,x\n", 12, lacks)).time, "year,month");
  const auto january = [](int i) { return fmt::format("{},{},{}.5", i % 12 ? "" : "2010", 1 + i % 12, i); };
  EXPECT_THAT(
      notes_of(table_of("year,month,x\n", 30, january)),
      ElementsAre("a.csv: columns year, month are not taken for the time, since row 30 has '', '6'; time_column "
                  "and time_format can say that they are"));
  const auto two_digits = [](int i) { return fmt::format("{},{},{}.5", 95 + i / 12, 1 + i % 12, i); };
  EXPECT_EQ(guess(table_of("yr,mon,x\n", 30, two_digits)).time, "");
}

// One series is not cut into as many as it has hours of the day, or names.
TEST(CalendarColumns, IsNotCutByItsParts) {
  const auto of = [](const std::string& header, const std::string& rest, int hours = 1) {
    return guess(table_of(header + "\n", 96, [&](int i) {
      const int day = i / 24;
      return fmt::format("2010,1,{},{},{},{}.5", day + 1, i % 24 + hours, fmt::format(fmt::runtime(rest), i % 7, i), i);
    }));
  };
  EXPECT_EQ(of("year,month,day,hour,w,x", "{}").time, "year,month,day,hour");  // to 24
  EXPECT_EQ(of("year,month,day,min,w,x", "{}").time, "");
  EXPECT_EQ(of("year,month,dayno,hour,name,x", "n{1}").time, "");
  EXPECT_EQ(of("year,month,dayno,hour,name,x", "n{1}").id, "");
}

// A weekday is called a day, and of the month there is none.
TEST(CalendarColumns, LeavesOutWhatDoesNotFit) {
  const auto days = [](int i) { return fmt::format("{},{},Monday,{}.5", 2010 + i / 12, 1 + i % 12, i); };
  EXPECT_EQ(guess(table_of("year,month,day,x\n", 30, days)).time, "year,month");
  const auto offsets = [](int i) { return fmt::format("{},{},{}.5", i / 12, 1 + i % 12, i); };
  EXPECT_EQ(guess(table_of("yr,mnth,x\n", 30, offsets)).time, "");
}

TEST(CalendarColumns, GivesWayToATimeOfItsOwn) {
  const auto row = [](int i) { return fmt::format("2010-0{0}-01,2010,{0},{1}.5", 1 + i, i); };
  EXPECT_EQ(guess(table_of("at,year,month,x\n", 9, row)).time, "at");
  const auto born = [](int i) { return fmt::format("p{},1950-01-0{},{},{}.5", i / 6, 1 + i / 6, 2000 + i % 6, i); };
  EXPECT_EQ(guess(table_of("id,born,year,income\n", 18, born)).time, "year");
  EXPECT_EQ(guess(table_of("t,year,month,x\n", 9, [](int i) { return fmt::format("{0}.5,2010,{0},3", 1 + i); })).time,
            "t");
}

TEST(CalendarColumns, IsDeclared) {
  EXPECT_EQ(time_and_format(guess(months("year,month,x", 30), {.columns = {.time = "year,month"}})),
            "year,month %Y %m");
  const std::string rows = table_of("a,b,c,x\n", 5, [](int i) { return fmt::format("2010,3,{},5", 1 + i); });
  EXPECT_EQ(guess(rows, {.columns = {.time = "a,b,c"}, .time_format = "%Y %m %d"}).time, "a,b,c");
  EXPECT_EQ(guess(rows, {.columns = {.time = "a,b"}, .time_format = "%Y %m"}).time, "a,b");
  EXPECT_ERROR(guess(table_of("month,day,hour,x\n", 5, [](int i) { return fmt::format("3,2,{},5", i); }),
                     {.columns = {.time = "month,day,hour"}}),
               "expected one column, a day and a time of day, or columns that are called year");
  EXPECT_ERROR(guess(rows, {.columns = {.time = "a,b,c"}}),
               "a.csv: time_column = a,b,c: expected one column, a day and a time of day, or columns that are called");
  const std::vector<DataFile> files{DataFile::from_memory("a.csv", months("year,month,x", 14))};
  const SequenceSet set = read_sequences(files);
  EXPECT_EQ(set.sequences.at(0).times.back(), parse_date("2011-02-01"));
}

TEST(CalendarColumns, ThatATimeSaysIsNoChannel) {
  const auto row = [](int i) {
    return fmt::format("2010-01-{:02},0,1,{},{},{}.5", 1 + i, 1 + i, (i + 4) % 7 + 1, i);  // a Friday
  };
  const std::string rows = table_of("date,yr,month,day,weekday,x\n", 20, row);
  EXPECT_THAT(guess(rows, {.leave_out_calendar = true}).values, ElementsAre("x"));
  EXPECT_THAT(guess(rows).values, ElementsAre("yr", "month", "day", "weekday", "x"));
  // Hours of work that happen to be the same in every row.
  const auto shift = [](int i) { return fmt::format("2010-01-{:02},8,{}.5", 1 + i, i); };
  EXPECT_THAT(guess(table_of("date,hour,x\n", 20, shift), {.leave_out_calendar = true}).values,
              ElementsAre("hour", "x"));
  const auto others = [](int i) { return fmt::format("2010-01-{:02},{},{}.5", 1 + i, 7 * i % 5, i); };
  EXPECT_THAT(guess(table_of("date,day,x\n", 20, others), {.leave_out_calendar = true}).values,
              ElementsAre("day", "x"));
  EXPECT_THAT(notes_of(table_of("step,day,x\n", 5, [](int i) { return fmt::format("{0},{0},2.5", i); }),
                       {.leave_out_calendar = true}),
              IsEmpty());
}

}  // namespace
}  // namespace recur
