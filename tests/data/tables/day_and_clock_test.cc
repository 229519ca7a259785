#include "recur/data/tables/day_and_clock.h"

#include <fmt/format.h>
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
const auto hour_of_day = [](int hour) { return hour + 17; };

TEST(DayAndClock, AsksForOneColumnOfTimes) {
  EXPECT_ERROR(guess(days("Date,Time,x", european, clock_time)),
               "a.csv: column 'Date' has the day and 'Time' the time of day; join them into one column, such as "
               "'16/12/2020 17:00:00', and set time_column to it");
  EXPECT_ERROR(guess(days("date,time,x", iso, clock_time)), "column 'date' has the day and 'time' the time of day");
  EXPECT_ERROR(guess(days("day,at,x", iso, clock_time)), "column 'day' has the day and 'at' the time of day");
  EXPECT_ERROR(
      guess(days("day,hr,x", iso, hour_of_day)),
      "column 'day' has the day and 'hr' the time of day; join them into one column, such as '2020-01-01 17:00'");
}

TEST(DayAndClock, TakesTheClockAloneWhereTheDayNeverChanges) {
  const auto same = [](int) { return "16/12/2020"; };
  EXPECT_EQ(guess("Date,Time,x\n16/12/2020,17:00,1\n16/12/2020,17:30,2\n").time, "Time");
  EXPECT_EQ(guess("id,born,time,x\na,1950-01-01,00:00,1\na,1950-01-01,00:30,2\nb,1960-01-01,00:00,3\n").time, "time");
  EXPECT_EQ(guess(days("born,time,x", same, clock_time), {.columns = {.values = {"x"}}}).time, "time");
}

TEST(DayAndClock, TakesTimesThatAreWhole) {
  EXPECT_EQ(guess("date,hour,x\n2020-01-01 17:00,17,1\n2020-01-01 18:00,18,2\n").time, "date");
  EXPECT_EQ(guess(days("day,shift,x", iso, hour_of_day)).id, "shift");  // nothing says that these are hours
}

}  // namespace
}  // namespace recur
