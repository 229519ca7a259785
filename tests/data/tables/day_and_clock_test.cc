#include "recur/data/tables/day_and_clock.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

// Two days of three hours.
template <class Day, class Clock>
std::string days(const std::string& header, const Day& day, const Clock& clock) {
  return table_of(header + "\n", 6, [&](int i) { return fmt::format("{},{},{}.5", day(i / 3), clock(i % 3), i); });
}

const auto iso = [](int day) { return fmt::format("2020-01-0{}", day + 1); };
const auto european = [](int day) { return fmt::format("{}/12/2020", day + 16); };
const auto clock_time = [](int hour) { return fmt::format("{}:00:00", hour + 17); };
const auto with_dots = [](int hour) { return fmt::format("{}.00.00", hour + 17); };
const auto hour_of_day = [](int hour) { return hour + 17; };

TEST(DayAndClock, AreTakenTogether) {
  EXPECT_EQ(guess(days("Date,Time,x", european, clock_time)).time, "Date,Time");
  EXPECT_EQ(guess(days("Date,Time,x", european, clock_time)).time_format, "%d/%m/%Y");
  EXPECT_EQ(guess(days("date,time,x", iso, clock_time)).time, "date,time");
  EXPECT_EQ(guess(days("day,at,x", iso, clock_time)).time, "day,at");
  EXPECT_EQ(guess(days("day,hr,x", iso, hour_of_day)).time, "day,hr");
  EXPECT_EQ(guess(days("Date,Time,x", european, with_dots)).time, "Date,Time");
  EXPECT_EQ(guess(days("Date,Time,x", european, with_dots)).values, std::vector<std::string>{"x"});
}

TEST(DayAndClock, TellSeriesApartTogether) {
  std::string rows = "place,day,at,x\n";
  for (const char* place : {"a", "b"}) {
    for (int i = 0; i < 6; ++i) rows += fmt::format("{},{},{},{}.5\n", place, iso(i / 3), clock_time(i % 3), i);
  }
  EXPECT_EQ(guess(rows).time, "day,at");
  EXPECT_EQ(guess(rows).id, "place");
}

TEST(DayAndClock, TellTheRowsOfNamedSeriesApart) {
  const auto row = [](int i) { return fmt::format("{},{},{},{}.5", i / 6, iso(i % 6 / 3), clock_time(i % 3), i); };
  EXPECT_EQ(guess(table_of("id,date,time,x\n", 12, row)).time, "date,time");
  EXPECT_EQ(guess(table_of("place,date,time,x\n", 12, row), {.columns = {.id = "place"}}).time, "date,time");
}

// What changes with the day alone is none.
TEST(DayAndClock, ThatRiseOverAllRowsAreOfOneSeries) {
  const auto row = [](int i) {
    return fmt::format("{},{},{}:00,{}.5", european(i / 5), i / 5 ? "Sunday" : "Saturday", 10 + i % 5, i);
  };
  EXPECT_EQ(guess(table_of("Date,Weekday,Time,x\n", 10, row)).time, "Date,Time");
  EXPECT_EQ(guess(table_of("Date,Weekday,Time,x\n", 10, row)).id, "");
}

TEST(DayAndClock, GiveWayToWholeTimes) {
  const auto row = [](int i) { return fmt::format("{0} {1:02}:30,{0},{1},{2}.5", iso(i / 5), 10 + i % 5, i); };
  EXPECT_EQ(guess(table_of("datetime,date,hour,x\n", 10, row)).time, "datetime");
}

TEST(DayAndClock, DoNotGiveWayToWhenARowWasMade) {
  const auto row = [](int i) { return fmt::format("s{},{},{},2021-05-01 10:{:02}", i / 5, iso(i % 5), i, i); };
  EXPECT_EQ(guess(table_of("store,date,sales,created\n", 10, row)).time, "date");
}

TEST(DayAndClock, OfObservationsAreTakenTogetherToo) {
  const auto row = [](int i) { return fmt::format("a,{},{},HR,{}.5", iso(i / 3), clock_time(i % 3), i); };
  EXPECT_EQ(guess(table_of("patient,Date,Time,parameter,value\n", 6, row)).time, "Date,Time");
  const auto since = [](int i) { return fmt::format("{},{},0{}:30,HR,{}.5", i / 3, iso(i / 3), 1 + i % 3, i); };
  EXPECT_EQ(guess(table_of("patient,admitted,time,parameter,value\n", 6, since)).time, "time");
}

TEST(DayAndClock, AsksWhichDaysAreMeant) {
  const auto either = [](int day) { return fmt::format("0{}/02/2020", day + 1); };
  EXPECT_ERROR(guess(days("Date,Time,x", either, clock_time)),
               "a.csv: the days of column 'Date', such as 01/02/2020, may be %m/%d/%Y or %d/%m/%Y: set time_format");
  EXPECT_ERROR(
      guess(table_of("at,from,to,x\n", 6,
                     [](int i) { return fmt::format("{},{},{},{}.5", clock_time(i % 3), iso(i / 3), iso(i / 3), i); }),
            {}),
      "which columns are the time? time_column = ");
}

// The third of January follows the second, not March.
TEST(DayAndClock, TakesTheDaysThatAreEvenlySpaced) {
  const auto row = [](int i) { return fmt::format("0{}/01/2024,{}:00,{}.5", 1 + i / 24, i % 24, i); };
  EXPECT_EQ(guess(table_of("Date,Time,x\n", 72, row)).time_format, "%d/%m/%Y");
  EXPECT_EQ(guess(table_of("Date,Time,x\n", 72, row), {.columns = {.time = "Date,Time"}}).time_format, "%d/%m/%Y");
}

TEST(DayAndClock, AreDeclaredTogether) {
  const std::string rows = days("a,b,x", european, clock_time);
  const auto declared = [&](const std::string& time, const std::string& format) {
    return guess(rows, {.columns = {.time = time}, .time_format = format});
  };
  EXPECT_EQ(declared("a,b", "").time_format, "%d/%m/%Y");
  EXPECT_EQ(declared("a,b", "%d/%m/%Y").time, "a,b");
  EXPECT_EQ(declared("#1,#2", "%d/%m/%Y %H:%M:%S").time, "a,b");
  EXPECT_ERROR(declared("a,b", "%d.%m.%Y"), "time_format '%d.%m.%Y' does not fit '16/12/2020' in row 1 of column 'a'");
  EXPECT_ERROR(declared("a,b,x", ""),
               "time_column = a,b,x: expected one column, a day and a time of day, or columns that are called year");
}

TEST(DayAndClock, TakesTheClockAloneWhereTheDayNeverChanges) {
  const auto same = [](int) { return "16/12/2020"; };
  EXPECT_EQ(guess("Date,Time,x\n16/12/2020,17:00,1\n16/12/2020,17:30,2\n").time, "Time");
  EXPECT_EQ(guess("id,born,time,x\na,1950-01-01,00:00,1\na,1950-01-01,00:30,2\nb,1960-01-01,00:00,3\n").time, "time");
  EXPECT_EQ(guess(days("born,time,x", same, clock_time), {.columns = {.values = {"x"}}}).time, "time");
}

TEST(DayAndClock, TakesNoClockThatDaysHaveOnceEach) {
  const std::string rows = "date,bedtime,x\n16.12.2006,22:24,1\n17.12.2006,22:10,2\n18.12.2006,23:05,3\n";
  EXPECT_EQ(guess(rows).time, "");
  EXPECT_THAT(notes_of(rows), testing::Contains(testing::HasSubstr("set time_format = %d.%m.%Y to read its dates")));
  EXPECT_EQ(guess(rows, {.time_format = "%d.%m.%Y"}).time, "date");
}

TEST(DayAndClock, TakesTimesThatAreWhole) {
  EXPECT_EQ(guess("date,hour,x\n2020-01-01 17:00,17,1\n2020-01-01 18:00,18,2\n").time, "date");
  EXPECT_EQ(guess(days("day,shift,x", iso, hour_of_day)).id, "shift");  // nothing says that these are hours
}

}  // namespace
}  // namespace recur
