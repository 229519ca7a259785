#include "recur/data/tables/date_time.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

constexpr double kDay = 86400;

TEST(DateTime, ReadsIsoDates) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("1970-01-02"), kDay);
  EXPECT_EQ(parse_date("1969-12-31"), -kDay);
  EXPECT_EQ(parse_date("1970-02"), 31 * kDay);
  EXPECT_EQ(parse_date("2016-07-01 01:30:00"), 1467336600);
  EXPECT_EQ(parse_date(" 2016/7/1 01:30 "), 1467336600);
  EXPECT_EQ(parse_date("2016-07-01T01:30:00.250Z"), 1467336600.25);
  EXPECT_EQ(parse_date("2016-07-01T03:30:00+02:00"), 1467336600);
  EXPECT_EQ(parse_date("2016-06-30T20:30-0500"), 1467336600);
  EXPECT_EQ(parse_date("1996-03-18 00-00-00"), 827107200);
  EXPECT_EQ(parse_date("2000-02-29"), 951782400);
}

TEST(DateTime, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "1999", "20160701", "2016-13-01", "2016-02-30", "1900-02-29", "0000-01-01", "2016-07-01x", "2016-07/01",
        "2016-07-01 24:00", "2016-07-01 12", "2016-07-01 12:60", "1-01", "03-01-00", "2016-07-01 12:00:61",
        "2016-07-01 12:00+15:00", "12:00", "2016-07-01 12:00-30"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

TEST(DateTime, ReadsDatesByAFormat) {
  EXPECT_EQ(parse_date("02-01-70", "%d-%m-%y"), kDay);
  EXPECT_EQ(parse_date("01.07.2016 01:30", "%d.%m.%Y %H:%M"), 1467336600);
  EXPECT_EQ(parse_date("Jul 1 16 013000", "%b %d %y %H%M%S"), 1467336600);
  EXPECT_EQ(parse_date("100% 1970-01-01", "100%% %Y-%m-%d"), 0);
  EXPECT_EQ(parse_date("32.01.2016", "%d.%m.%Y"), std::nullopt);
  EXPECT_EQ(parse_date("01.07.2016 x", "%d.%m.%Y"), std::nullopt);
  EXPECT_EQ(parse_date("01", "%q"), std::nullopt);
}

TEST(DateTime, ReadsClocksInHours) {
  EXPECT_EQ(parse_clock("00:00"), 0);
  EXPECT_EQ(parse_clock("47:30"), 47.5);
  EXPECT_EQ(parse_clock("1:00:36"), 1.01);
  for (const char* text : {"", "1", "1:", "1:60", "1:00:60", "-1:00", "1:000"}) {
    EXPECT_EQ(parse_clock(text), std::nullopt) << text;
  }
}

TEST(DateTime, WritesDates) {
  EXPECT_EQ(date_text(0), "1970-01-01");
  EXPECT_EQ(date_text(1467336600), "2016-07-01 01:30:00");
  EXPECT_EQ(date_text(-1), "1969-12-31 23:59:59");
}

TEST(DateTime, TakesTimesApart) {
  const CalendarTime t = calendar_time(*parse_date("2024-12-31 23:59:30"));
  EXPECT_EQ(t.year, 2024);
  EXPECT_EQ(t.month, 12);
  EXPECT_EQ(t.day, 31);
  EXPECT_EQ(t.hour, 23);
  EXPECT_EQ(t.minute, 59);
  EXPECT_EQ(t.second, 30);
  EXPECT_EQ(t.weekday, 2);  // a Tuesday
  EXPECT_EQ(t.year_day, 365);
}

TEST(DateTime, NamesSteps) {
  EXPECT_EQ(time_step_text({}), "irregular");
  EXPECT_EQ(time_step_text({TimeUnit::kSecond, 3600}), "hourly");
  EXPECT_EQ(time_step_text({TimeUnit::kSecond, 900}), "every 15 min");
  EXPECT_EQ(time_step_text({TimeUnit::kSecond, 2 * kDay}), "every 2 days");
  EXPECT_EQ(time_step_text({TimeUnit::kSecond, 0.5}), "every 0.5 s");
  EXPECT_EQ(time_step_text({TimeUnit::kMonth, 3}), "quarterly");
  EXPECT_EQ(time_step_text({TimeUnit::kMonth, 5}), "every 5 months");
  EXPECT_EQ(time_step_text({TimeUnit::kNumber, 0.5}), "every 0.5");
}

TEST(DateTime, AdvancesByMonthsWithinTheirLengths) {
  const TimeStep month{TimeUnit::kMonth, 1};
  EXPECT_EQ(date_text(advance(*parse_date("2023-01-31"), month, 1)), "2023-02-28");
  EXPECT_EQ(date_text(advance(*parse_date("2023-11-30 06:00"), month, 3)), "2024-02-29 06:00:00");
  EXPECT_EQ(date_text(advance(*parse_date("2023-01-15"), month, -1)), "2022-12-15");
  EXPECT_EQ(advance(10, {TimeUnit::kNumber, 0.5}, 3), 11.5);
}

}  // namespace
}  // namespace recur
