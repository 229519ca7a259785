// Time stamps as files write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace recur {

// What Sequence::times counts.
enum class TimeKind {
  kNone,    // no times: steps are taken to be one apart
  kNumber,  // a number in the file's own unit
  kDate,    // seconds since 1970-01-01 00:00 UTC
};

// How often values come, found from the times (see time_grid.h) or stated by the file (.tsf).
enum class TimeUnit { kNone, kNumber, kSecond, kMonth };
struct TimeStep {
  TimeUnit unit = TimeUnit::kNone;  // kMonth for months, quarters and years, whose seconds differ; kNone: not regular
  double count = 0;                 // 3600 kSecond: hourly; 3 kMonth: quarterly

  bool operator==(const TimeStep&) const = default;
};

// ISO 8601 and its usual relatives, as seconds since 1970-01-01 UTC: 1949-01, 1981-01-31, 2016/07/01, then after T or a
// space 13:45, 13:45:30.25 or 13-45-30, then Z or +02:00. Years 1 to 9999. Nothing when it is none of these.
std::optional<double> parse_date(std::string_view text);

// The same by a format: %Y %y %m %d %H %M %S %b (Jan), other characters as they are. %y: 69-99 are 19xx, 00-68 20xx.
std::optional<double> parse_date(std::string_view text, std::string_view format);

// A duration HH:MM or HH:MM:SS, hours beyond 24 allowed, in hours (the unit of clinical records).
std::optional<double> parse_clock(std::string_view text);

// 2016-07-01, with 13:45:30 behind it unless that is midnight.
std::string date_text(double seconds);

struct CalendarTime {
  int year = 1970, month = 1, day = 1;  // month and day from 1
  int hour = 0, minute = 0;
  double second = 0;
  int weekday = 4;   // 0 Sunday .. 6 Saturday
  int year_day = 0;  // from 0
};
CalendarTime calendar_time(double seconds);

// "hourly", "every 15 min", "monthly", "every 0.5", "irregular".
std::string time_step_text(const TimeStep& step);

// `steps` steps after `time`. A month step keeps the day of the month, cut to the length of the month.
double advance(double time, const TimeStep& step, double steps);

}  // namespace recur
