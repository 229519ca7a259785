#include "recur/data/tables/date_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <span>

#include "recur/base/ascii.h"
#include "recur/base/error.h"
#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

namespace chrono = std::chrono;

constexpr double kDay = 86400, kHour = 3600, kMinute = 60;
constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                    "thursday", "friday", "saturday"};

// Takes a text apart from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_one_of(std::string_view letters) {
    return !done() && letters.find(rest_[0]) != std::string_view::npos && take(rest_[0]);
  }
  // A number of `least` to `most` digits.
  std::optional<int> digits(size_t least, size_t most) {
    size_t length = 0;
    int value = 0;
    for (; length < std::min(most, rest_.size()) && is_digit(rest_[length]); ++length) {
      value = value * 10 + (rest_[length] - '0');
    }
    if (length < least) return std::nullopt;
    rest_.remove_prefix(length);
    return value;
  }
  // What stands behind a decimal point, in [0, 1).
  double fraction() {
    double value = 0, weight = 0.1;
    for (; !done() && is_digit(rest_[0]); weight /= 10) {
      value += weight * (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  // How the rest begins, with letters of either case.
  bool take_word(std::string_view word) {
    if (lower_ascii(rest_.substr(0, word.size())) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<int> name_of(std::span<const std::string_view> names) {
    constexpr size_t kShort = 3;
    for (size_t i = 0; i < names.size(); ++i) {
      if (take_word(names[i]) || take_word(names[i].substr(0, kShort))) return static_cast<int>(i);
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

// Seconds since 1970; nothing when there is no such day or time. 24:00 is the end of a day, as ISO 8601 has it.
std::optional<double> seconds_of(const CalendarTime& t) {
  const chrono::year_month_day date{chrono::year(t.year), chrono::month(static_cast<unsigned>(t.month)),
                                    chrono::day(static_cast<unsigned>(t.day))};
  const bool ends_day = t.hour == 24 && t.minute == 0 && t.second == 0;
  const bool valid = date.ok() && t.year >= 1 && t.year <= 9999 && t.hour >= 0 && (t.hour <= 23 || ends_day) &&
                     t.minute >= 0 && t.minute <= 59 && t.second >= 0 && t.second < 61;
  if (!valid) return std::nullopt;
  const auto days = static_cast<double>(chrono::sys_days(date).time_since_epoch().count());
  return days * kDay + t.hour * kHour + t.minute * kMinute + t.second;
}

// "13:45", "13:45:30.25" or the same with '-'; true when what was there has been understood.
bool scan_clock(Scanner& scanner, CalendarTime& t) {
  const auto hour = scanner.digits(1, 2);
  if (!hour) return false;
  t.hour = *hour;
  const char separator = scanner.take(':') ? ':' : '-';
  if (separator == '-' && !scanner.take('-')) return false;
  const auto minute = scanner.digits(2, 2);
  if (!minute) return false;
  t.minute = *minute;
  if (!scanner.take(separator)) return true;
  const auto second = scanner.digits(2, 2);
  if (!second) return false;
  t.second = *second;
  if (scanner.take('.')) t.second += scanner.fraction();
  return true;
}

// "Z" or "+02:00" in seconds; false where it is neither.
bool scan_zone(Scanner& scanner, TimeZone& zone) {
  if (scanner.take('Z')) {
    zone = 0;
    return true;
  }
  const bool east = scanner.take('+');
  if (!east && !scanner.take('-')) return false;
  const auto hours = scanner.digits(2, 2);
  scanner.take(':');
  const auto minutes = scanner.digits(0, 2);
  if (!hours || *hours > 14 || *minutes > 59) return false;
  const double offset = *hours * kHour + *minutes * kMinute;
  zone = east ? offset : -offset;
  return true;
}

std::optional<Date> date_of(const CalendarTime& t, TimeZone zone) {
  const auto seconds = seconds_of(t);
  if (!seconds) return std::nullopt;
  return Date{*seconds - zone.value_or(0), zone};
}

// Reads a date by a format.
class FormatScanner {
 public:
  FormatScanner(std::string_view text, std::string_view format) : scanner_(text), format_(format) {}

  std::optional<Date> scan() {
    if (!scan(format_) || !scanner_.done()) return std::nullopt;
    if (hour_of_12_) time_.hour = *hour_of_12_ % 12 + (after_noon_ ? 12 : 0);
    if (year_day_) {
      time_.month = time_.day = 1;
      const auto first = date_of(time_, zone_);
      if (!first || *year_day_ < 1 || *year_day_ > 366) return std::nullopt;
      return Date{first->seconds + (*year_day_ - 1) * kDay, zone_};
    }
    return date_of(time_, zone_);
  }

 private:
  bool scan(std::string_view format) {
    for (size_t i = 0; i < format.size(); ++i) {
      const bool directive = format[i] == '%' && i + 1 < format.size();
      if (!directive) {
        if (!scanner_.take(format[i])) return false;
        continue;
      }
      // Digits without anything between them can be told apart by their number alone.
      const bool joined = (i + 2 < format.size() && format[i + 2] == '%') || (i >= 2 && format[i - 2] == '%');
      ++i;
      if (!take(format[i], joined ? 2 : 1)) return false;
    }
    return true;
  }

  bool number(int& to, size_t least, size_t most) {
    const auto value = scanner_.digits(least, most);
    to = value.value_or(0);
    return value.has_value();
  }

  bool take(char directive, size_t least) {
    int value = 0;
    switch (directive) {
      case 'Y':
        return number(time_.year, 4, 4);
      case 'y':
        if (!number(value, least, 2)) return false;
        time_.year = value + (value >= 69 ? 1900 : 2000);
        return true;
      case 'm':
        return number(time_.month, least, 2);
      case 'b':
      case 'B':
        time_.month = scanner_.name_of(kMonths).value_or(-1) + 1;
        return time_.month > 0;
      case 'q':
        scanner_.take_one_of("Qq");
        if (!number(value, 1, 1) || value < 1 || value > 4) return false;
        time_.month = 3 * value - 2;
        return true;
      case 'd':
        return number(time_.day, least, 2);
      case 'e':
        scanner_.take(' ');
        return number(time_.day, 1, 2);
      case 'j':
        if (!number(value, least == 1 ? 1 : 3, 3)) return false;
        year_day_ = value;
        return true;
      case 'H':
        return number(time_.hour, least, 2);
      case 'I':
        if (!number(value, least, 2) || value < 1 || value > 12) return false;
        hour_of_12_ = value;
        return true;
      case 'p':
        after_noon_ = scanner_.take_word("pm") || scanner_.take_word("p.m.");
        return after_noon_ || scanner_.take_word("am") || scanner_.take_word("a.m.");
      case 'M':
        return number(time_.minute, least, 2);
      case 'S':
        if (!number(value, least, 2)) return false;
        time_.second += value;
        return true;
      case 'f':
        time_.second += scanner_.fraction();
        return true;
      case 'z':
        return scan_zone(scanner_, zone_);
      case 'a':
      case 'A':
        return scanner_.name_of(kWeekdays).has_value();
      case 'F':
        return scan("%Y-%m-%d");
      case 'D':
        return scan("%m/%d/%y");
      case 'T':
        return scan("%H:%M:%S");
      case 'R':
        return scan("%H:%M");
      case '%':
        return scanner_.take('%');
      default:
        return false;
    }
  }

  Scanner scanner_;
  std::string_view format_;
  CalendarTime time_;
  std::optional<int> hour_of_12_, year_day_;
  bool after_noon_ = false;
  TimeZone zone_;
};

}  // namespace

std::optional<double> parse_date(std::string_view text) {
  const auto date = parse_zoned_date(text);
  return date ? std::optional(date->seconds) : std::nullopt;
}

std::optional<double> parse_date(std::string_view text, std::string_view format) {
  const auto date = parse_zoned_date(text, format);
  return date ? std::optional(date->seconds) : std::nullopt;
}

namespace {

// "2020Q1", "2020-Q1": the first day of the quarter. "2020-W05", "2020W05", "2020-W05-3": that day of the week of ISO
// 8601, its Monday where none is named.
std::optional<Date> parse_part_of_year(std::string_view text) {
  Scanner scanner(text);
  const auto year = scanner.digits(4, 4);
  if (!year) return std::nullopt;
  const bool dash = scanner.take('-');
  if (scanner.take_one_of("Qq")) {
    const auto quarter = scanner.digits(1, 1);
    if (!quarter || *quarter < 1 || *quarter > 4 || !scanner.done()) return std::nullopt;
    return date_of({.year = *year, .month = 3 * *quarter - 2, .day = 1}, {});
  }
  if (!scanner.take_one_of("Ww")) return std::nullopt;
  const auto week = scanner.digits(1, 2);
  if (!week || *week < 1 || *week > 53) return std::nullopt;
  int day = 1;
  if (dash && scanner.take('-')) day = scanner.digits(1, 1).value_or(0);
  if (day < 1 || day > 7 || !scanner.done()) return std::nullopt;
  // The week of the 4th of January is the first.
  const auto fourth = date_of({.year = *year, .month = 1, .day = 4}, {});
  if (!fourth) return std::nullopt;
  const auto monday_of = [](double seconds) { return seconds - (calendar_time(seconds).weekday + 6) % 7 * kDay; };
  const double monday = monday_of(fourth->seconds) + (*week - 1) * 7 * kDay;
  const auto next = date_of({.year = *year + 1, .month = 1, .day = 4}, {});
  if (next && monday >= monday_of(next->seconds)) return std::nullopt;  // a year of 52 weeks
  return Date{monday + (day - 1) * kDay, {}};
}

}  // namespace

std::optional<Date> parse_zoned_date(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 4 && text.find_first_of("QqWw", 4) < 6) return parse_part_of_year(text);
  Scanner scanner(text);
  CalendarTime t;
  const auto year = scanner.digits(4, 4);
  const char separator = scanner.take('-') ? '-' : '/';
  if (!year || (separator == '/' && !scanner.take('/'))) return std::nullopt;
  const auto month = scanner.digits(1, 2);
  if (!month) return std::nullopt;
  t.year = *year;
  t.month = *month;
  if (scanner.take(separator)) {
    const auto day = scanner.digits(1, 2);
    if (!day) return std::nullopt;
    t.day = *day;
    if (scanner.take_one_of("T ")) {
      if (!scan_clock(scanner, t)) return std::nullopt;
    }
  }
  TimeZone zone;
  if (!scanner.done() && !scan_zone(scanner, zone)) return std::nullopt;
  return scanner.done() ? date_of(t, zone) : std::nullopt;
}

std::optional<Date> parse_zoned_date(std::string_view text, std::string_view format) {
  return FormatScanner(trimmed(text), format).scan();
}

void check_time_format(std::string_view format) {
  constexpr std::string_view kDirectives = "YymbBqdejHIpMSfzaAFDTR%";
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    if (i == format.size() || kDirectives.find(format[i]) == std::string_view::npos) {
      fail_usage(
          "time_format '{}': unknown directive {}; known are %Y %y %m %b %B %q %d %e %j %H %I %p %M %S %f %z %a %A %F "
          "%D %T %R %%",
          format, i == format.size() ? "%" : fmt::format("%{}", format[i]));
    }
  }
  const auto has = [&](std::string_view directive) { return format.find(directive) != std::string_view::npos; };
  if (has("%p") && !has("%I")) {
    fail_usage("time_format '{}': %p, before or after noon, needs the hour of twelve, %I", format);
  }
  if (format.find('%') == std::string_view::npos && !format.empty()) {
    fail_usage("time_format '{}': expected directives such as %d.%m.%Y %H:%M", format);
  }
}

std::string_view compact_date_format(std::string_view cell) {
  constexpr std::array<std::string_view, 5> kFormats{"%Y%m", "%Y%m%d", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S"};
  cell = trimmed(cell);
  const size_t size = cell.size();
  if (size < 6 || size > 14 || size % 2 != 0) return "";
  const std::string_view format = kFormats[(size - 6) / 2];
  const auto date = parse_zoned_date(cell, format);
  constexpr int kFirst = 1700, kLast = 2199;
  if (!date) return "";
  const int year = calendar_time(date->seconds).year;
  return year >= kFirst && year <= kLast ? format : "";
}

namespace {

constexpr size_t kDayLength = 10;  // of "2016-07-01"

// Seconds of " 13:45:30", of which the seconds may be left out.
std::optional<double> plain_clock(std::string_view text) {
  constexpr size_t kMinutes = 6, kSeconds = 9;
  const auto two = [text](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const auto digits = [text](size_t at) {
    return text[at] >= '0' && text[at] <= '9' && text[at + 1] >= '0' && text[at + 1] <= '9';
  };
  const bool seconds = text.size() == kSeconds;
  if (!seconds && text.size() != kMinutes) return std::nullopt;
  if ((text[0] != ' ' && text[0] != 'T') || text[3] != ':' || !digits(1) || !digits(4)) return std::nullopt;
  if (seconds && (text[6] != ':' || !digits(7))) return std::nullopt;
  const int hour = two(1), minute = two(4), second = seconds ? two(7) : 0;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return hour * kHour + minute * kMinute + second;
}

}  // namespace

std::optional<Date> DateReader::read(std::string_view text) {
  const bool same_day = !day_.empty() && text.starts_with(day_);
  if (same_day) {
    if (const auto clock = plain_clock(text.substr(kDayLength))) return Date{midnight_ + *clock, {}};
  }
  const auto date = parse_zoned_date(text);
  if (!date || same_day || text.size() < kDayLength) return date;
  if (const auto day = parse_zoned_date(text.substr(0, kDayLength)); day && text[kDayLength - 1] != ' ') {
    day_ = text.substr(0, kDayLength);
    midnight_ = day->seconds;
  }
  return date;
}

std::optional<double> parse_clock(std::string_view text) {
  Scanner scanner(trimmed(text));
  const auto hours = scanner.digits(1, 6);
  if (!hours || !scanner.take(':')) return std::nullopt;
  const auto minutes = scanner.digits(2, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  double seconds = 0;
  if (scanner.take(':')) {
    const auto whole = scanner.digits(2, 2);
    if (!whole || *whole > 59) return std::nullopt;
    seconds = *whole + (scanner.take('.') ? scanner.fraction() : 0);
  }
  if (!scanner.done()) return std::nullopt;
  return *hours + *minutes / kMinute + seconds / kHour;
}

std::optional<double> parse_time_of_day(std::string_view text) {
  Scanner scanner(trimmed(text));
  const auto hours = scanner.digits(1, 2);
  if (!hours) return std::nullopt;
  int minutes = 0;
  double seconds = 0;
  bool has_24_hours = false;  // by how it is written: no AM or PM follows
  const bool dots = scanner.take('.');
  if (dots || scanner.take(':')) {
    const auto whole = scanner.digits(2, 2);
    if (!whole || *whole > 59) return std::nullopt;
    minutes = *whole;
    if (scanner.take(dots ? '.' : ':')) {
      const auto rest = scanner.digits(2, 2);
      if (!rest || *rest > 59) return std::nullopt;
      seconds = *rest + (!dots && scanner.take('.') ? scanner.fraction() : 0);
    } else if (dots) {
      return std::nullopt;  // 17.24 is a number
    }
    has_24_hours = !dots && scanner.take_word("z");  // UTC
  } else if (scanner.take_word("h")) {
    const auto whole = scanner.digits(2, 2);
    if (!whole || *whole > 59) return std::nullopt;  // 6h alone is how long something takes
    minutes = *whole;
    has_24_hours = true;
  }
  scanner.take(' ');
  int hour = *hours;
  const bool am = scanner.take_word("am");
  if (am || scanner.take_word("pm")) {
    if (has_24_hours || hour < 1 || hour > 12) return std::nullopt;
    hour = hour % 12 + (am ? 0 : 12);
  }
  const double time = hour * kHour + minutes * kMinute + seconds;
  if (!scanner.done() || time > kDay) return std::nullopt;
  return time;
}

CalendarTime calendar_time(double seconds) {
  const double days = std::floor(seconds / kDay);
  const chrono::sys_days date{chrono::days(static_cast<int>(days))};
  const chrono::year_month_day parts(date);
  const double rest = seconds - days * kDay;
  CalendarTime t;
  t.year = static_cast<int>(parts.year());
  t.month = static_cast<int>(static_cast<unsigned>(parts.month()));
  t.day = static_cast<int>(static_cast<unsigned>(parts.day()));
  t.hour = static_cast<int>(rest / kHour);
  t.minute = static_cast<int>((rest - t.hour * kHour) / kMinute);
  t.second = rest - t.hour * kHour - t.minute * kMinute;
  t.weekday = static_cast<int>(chrono::weekday(date).c_encoding());
  t.year_day = static_cast<int>((date - chrono::sys_days(parts.year() / chrono::January / 1)).count());
  return t;
}

std::string date_text(double seconds, TimeZone zone) {
  // Of today's dates a double holds a quarter of a microsecond.
  constexpr double kParts = 1e6;
  const double whole = std::floor(seconds);
  auto parts = static_cast<int>(std::lround((seconds - whole) * kParts));
  const bool carries = parts == static_cast<int>(kParts);
  if (carries) parts = 0;
  const CalendarTime t = calendar_time(whole + (carries ? 1 : 0) + zone.value_or(0));
  std::string day = fmt::format("{:04}-{:02}-{:02}", t.year, t.month, t.day);
  if (!zone && t.hour == 0 && t.minute == 0 && t.second == 0 && parts == 0) return day;
  std::string time = fmt::format("{} {:02}:{:02}:{:02}", day, t.hour, t.minute, static_cast<int>(t.second));
  if (parts != 0) {
    time += fmt::format(".{:06}", parts);
    time.resize(time.find_last_not_of('0') + 1);
  }
  if (!zone) return time;
  const int minutes = static_cast<int>(std::abs(*zone) / kMinute);
  return minutes == 0 ? time + "Z"
                      : fmt::format("{}{}{:02}:{:02}", time, *zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string time_step_text(const TimeStep& step) {
  struct Named {
    double count;
    std::string_view name;
  };
  static constexpr std::array<Named, 5> kSeconds{
      {{604800, "weekly"}, {kDay, "daily"}, {kHour, "hourly"}, {kMinute, "every minute"}, {1, "every second"}}};
  static constexpr std::array<Named, 3> kMonthSteps{{{12, "yearly"}, {3, "quarterly"}, {1, "monthly"}}};
  const auto named = [&](auto& names) {
    const auto* const at = std::ranges::find(names, step.count, &Named::count);
    return at == names.end() ? std::string() : std::string(at->name);
  };
  switch (step.unit) {
    case TimeUnit::kNone:
      return "irregular";
    case TimeUnit::kNumber:
      return fmt::format("every {:g}", step.count);
    case TimeUnit::kMonth: {
      const std::string name = named(kMonthSteps);
      return name.empty() ? fmt::format("every {:g} months", step.count) : name;
    }
    case TimeUnit::kSecond:
      break;
  }
  if (std::string name = named(kSeconds); !name.empty()) return name;
  for (const auto& [count, unit] : {std::pair(kDay, "days"), std::pair(kHour, "hours"), std::pair(kMinute, "min")}) {
    if (std::fmod(step.count, count) == 0) return fmt::format("every {:g} {}", step.count / count, unit);
  }
  return fmt::format("every {:g} s", step.count);
}

double advance(double time, const TimeStep& step, double steps) {
  if (step.unit != TimeUnit::kMonth) return time + step.count * steps;
  const double days = std::floor(time / kDay);
  const chrono::year_month_day from{chrono::sys_days{chrono::days(static_cast<int>(days))}};
  const auto months = chrono::months(static_cast<int>(step.count * steps));
  chrono::year_month_day to = from + months;
  if (!to.ok()) to = to.year() / to.month() / chrono::last;
  return static_cast<double>(chrono::sys_days(to).time_since_epoch().count()) * kDay + (time - days * kDay);
}

}  // namespace recur
