#include "recur/data/tables/date_time.h"

#include <gtest/gtest.h>

#include "tests/support/throws.h"

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
  EXPECT_EQ(parse_date("2016-07-31 24:00"), parse_date("2016-08-01"));  // the end of the day
}

TEST(DateTime, ReadsQuartersAndWeeks) {
  EXPECT_EQ(parse_date("2020Q1"), parse_date("2020-01-01"));
  EXPECT_EQ(parse_date("2020-q4"), parse_date("2020-10-01"));
  EXPECT_EQ(parse_date("2020-W01"), parse_date("2019-12-30"));
  EXPECT_EQ(parse_date("2020W05"), parse_date("2020-01-27"));
  EXPECT_EQ(parse_date("2020-W05-3"), parse_date("2020-01-29"));
  EXPECT_EQ(parse_date("2020-W53"), parse_date("2020-12-28"));  // the last of a long year
  EXPECT_EQ(parse_date("2021-W01"), parse_date("2021-01-04"));
  for (const char* bad : {"2020Q5", "2020Q0", "2020Q", "2020Q11", "2021-W53", "2020-W54", "2020-W00", "2020-W05-8",
                          "2020-W05-", "2020W", "20Q1", "2020-W05x"}) {
    EXPECT_FALSE(parse_date(bad)) << bad;
  }
}

TEST(DateTime, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "1999", "20160701", "2016-13-01", "2016-02-30", "1900-02-29", "0000-01-01", "2016-07-01x", "2016-07/01",
        "2016-07-01 24:01", "2016-07-01 25:00", "2016-07-01 12", "2016-07-01 12:60", "1-01", "03-01-00",
        "2016-07-01 12:00:61", "2016-07-01 12:00+15:00", "12:00", "2016-07-01 12:00-30"}) {
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

TEST(DateTime, ReadsHoursOfOneDigitAndOfTwelve) {
  EXPECT_EQ(parse_date("2020-01-01 9:00"), parse_date("2020-01-01 09:00"));
  const auto read = [](std::string_view text) { return parse_date(text, "%m/%d/%Y %I:%M %p"); };
  EXPECT_EQ(read("01/31/2020 12:00 AM"), parse_date("2020-01-31 00:00"));
  EXPECT_EQ(read("1/31/2020 12:30 pm"), parse_date("2020-01-31 12:30"));
  EXPECT_EQ(read("01/31/2020 01:00 PM"), parse_date("2020-01-31 13:00"));
  for (const char* bad : {"01/31/2020 13:00 PM", "01/31/2020 00:00 AM", "01/31/2020 01:00", "31/01/2020 01:00 AM"}) {
    EXPECT_EQ(read(bad), std::nullopt) << bad;
  }
}

TEST(DateTime, ReadsOtherDirectives) {
  EXPECT_EQ(parse_date("5 March 2020", "%d %B %Y"), parse_date("2020-03-05"));
  EXPECT_EQ(parse_date("Thu Mar 05 2020", "%a %b %d %Y"), parse_date("2020-03-05"));
  EXPECT_EQ(parse_date("2020Q3", "%Y%q"), parse_date("2020-07-01"));
  EXPECT_EQ(parse_date("1/2020", "%q/%Y"), parse_date("2020-01-01"));
  EXPECT_EQ(parse_date("2020 5", "%Y %q"), std::nullopt);
  EXPECT_EQ(parse_date("2020-060", "%Y-%j"), parse_date("2020-02-29"));
  EXPECT_EQ(parse_date("2020-03-05T10:11:12", "%FT%T"), parse_date("2020-03-05 10:11:12"));
  EXPECT_EQ(parse_date("20200305101112.5", "%Y%m%d%H%M%S.%f"), *parse_date("2020-03-05 10:11:12") + 0.5);
  EXPECT_EQ(parse_date("2020135", "%Y%m%d"), std::nullopt);  // not 2020-1-35
  const auto zoned = parse_zoned_date("2020-03-05 10:00 +0230", "%Y-%m-%d %H:%M %z");
  EXPECT_EQ(zoned->seconds, *parse_date("2020-03-05 07:30"));
  EXPECT_EQ(zoned->zone, 2.5 * 3600);
}

TEST(DateTime, RefusesFormatsThatCannotBeRead) {
  EXPECT_ERROR(check_time_format("%d.%u"), "unknown directive %u");
  EXPECT_ERROR(check_time_format("%d.%"), "unknown directive %");
  EXPECT_ERROR(check_time_format("dd.mm.yyyy"), "expected directives");
  EXPECT_NO_THROW(check_time_format("%d.%m.%Y %I:%M %p"));
  EXPECT_NO_THROW(check_time_format(""));
}

TEST(DateTime, KnowsNumbersThatAreDates) {
  EXPECT_EQ(compact_date_format("20200131"), "%Y%m%d");
  EXPECT_EQ(compact_date_format("202001"), "%Y%m");
  EXPECT_EQ(compact_date_format("2020013123"), "%Y%m%d%H");
  for (const char* text : {"20201331", "202013", "2020", "2020-01", "12345678", "20200230", "99990101"}) {
    EXPECT_EQ(compact_date_format(text), "") << text;
  }
}

TEST(DateTime, KeepsTheZone) {
  const auto east = parse_zoned_date("2020-01-01 00:00+02:00"), utc = parse_zoned_date("2020-01-01T12:00Z");
  EXPECT_EQ(date_text(east->seconds, east->zone), "2020-01-01 00:00:00+02:00");
  EXPECT_EQ(date_text(utc->seconds, utc->zone), "2020-01-01 12:00:00Z");
  EXPECT_EQ(date_text(0, -3.5 * 3600), "1969-12-31 20:30:00-03:30");
  EXPECT_FALSE(parse_zoned_date("2020-01-01")->zone.has_value());
}

TEST(DateTime, ReadsDatesInARowAsEachByItself) {
  DateReader reader;
  for (const char* text : {"2020-01-31 23:59:59",
                           "2020-01-31 00:00:00",
                           "2020-01-31",
                           "2020-01-31T10:30",
                           "2020-01-31 10:30:15.5",
                           "2020-01-31 24:00:00",
                           "2020-01-31 10:60",
                           "2020-01-31 1:30",
                           "2020-01-31 10:30+02:00",
                           "2020-01-31 10-30-00",
                           "2020-01-31x10:30",
                           "2020-02-30 10:00",
                           "2020-01-31 10:3a",
                           "2020/01/31 10:00",
                           "2020/01/31 11:00",
                           "2020-1-31 10:00",
                           "2020-1-31 11:00",
                           "2020-01",
                           " 2020-01-31 10:00",
                           "2020-01-31 ",
                           "",
                           "x"}) {
    for (int time = 0; time < 2; ++time) {
      const auto want = parse_zoned_date(text), got = reader.read(text);
      ASSERT_EQ(got.has_value(), want.has_value()) << text;
      if (!want) continue;
      EXPECT_EQ(got->seconds, want->seconds) << text;
      EXPECT_EQ(got->zone, want->zone) << text;
    }
  }
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
  EXPECT_EQ(date_text(1467336600.5), "2016-07-01 01:30:00.5");
  EXPECT_EQ(date_text(1467336600.001), "2016-07-01 01:30:00.001");
  EXPECT_EQ(date_text(1467336599.9999999), "2016-07-01 01:30:00");
  EXPECT_EQ(date_text(0.25, 0.0), "1970-01-01 00:00:00.25Z");
  EXPECT_EQ(date_text(-0.5), "1969-12-31 23:59:59.5");
  EXPECT_ERROR(check_time_format("%m/%d/%Y %H:%M %p"), "needs the hour of twelve, %I");
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
