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

// Seconds east of UTC, where a date says so; 0 for Z.
using TimeZone = std::optional<double>;

struct Date {
  double seconds = 0;  // since 1970-01-01 00:00 UTC; without a zone as if it were UTC
  TimeZone zone;
};

// ISO 8601 and its usual relatives: 1949-01, 1981-01-31, 2016/07/01, then after T or a space 13:45, 9:45, 13:45:30.25
// or 13-45-30, then Z or +02:00. Years 1 to 9999. Nothing when it is none of these.
std::optional<Date> parse_zoned_date(std::string_view text);
std::optional<double> parse_date(std::string_view text);  // its seconds

// The same by a format of the directives of strftime:
//   %Y %y   year, of two digits 69-99 are 19xx, 00-68 20xx      %H %I   hour of 24, of 12     %p   AM or PM
//   %m %b   month, by number, by name (Jan, January)            %M %S   minute, second        %f   decimals of a second
//   %q      quarter, 1 or Q1
//   %d %j   day of the month, of the year                       %z      zone (+0200, Z)       %a   weekday, not used
//   %F %D %T %R   as %Y-%m-%d, %m/%d/%y, %H:%M:%S, %H:%M        %%      itself
// %B is %b, %A is %a and %e is %d. Other characters stand for themselves; numbers may lack leading zeros, unless they
// stand directly behind or before another.
std::optional<Date> parse_zoned_date(std::string_view text, std::string_view format);
std::optional<double> parse_date(std::string_view text, std::string_view format);

// Throws UsageError for a directive that is none of these.
void check_time_format(std::string_view format);

// "%Y%m%d" for 20200131, "%Y%m" for 202001, "%Y%m%d%H" for 2020013123: numbers that are dates of the years 1700 to
// 2199. "" for others.
std::string_view compact_date_format(std::string_view cell);

// Dates in order, of which many have the day of the one before. Reads what parse_zoned_date() reads.
class DateReader {
 public:
  std::optional<Date> read(std::string_view text);

 private:
  std::string day_;      // as "2016-07-01"
  double midnight_ = 0;  // of it
};

// A duration HH:MM or HH:MM:SS, hours beyond 24 allowed, in hours (the unit of clinical records).
std::optional<double> parse_clock(std::string_view text);

// Seconds after midnight of a time of day: 17:24, 17:24:05.5 or 17.24.05, with AM, PM or Z behind it or not, 17h24 or a
// whole hour; up to 24:00.
std::optional<double> parse_time_of_day(std::string_view text);

// 2016-07-01, with 13:45:30 behind it unless that is midnight; in a zone 2016-07-01 13:45:30+02:00.
std::string date_text(double seconds, TimeZone zone = {});

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
