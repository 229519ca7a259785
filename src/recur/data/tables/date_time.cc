#include "recur/data/tables/date_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

namespace chrono = std::chrono;

constexpr double kDay = 86400, kHour = 3600, kMinute = 60;
constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};

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
  std::optional<int> month_name() {
    const auto* const at = std::ranges::find(kMonths, lower_ascii(rest_.substr(0, 3)));
    if (at == kMonths.end()) return std::nullopt;
    rest_.remove_prefix(3);
    return static_cast<int>(at - kMonths.begin()) + 1;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
};

// Seconds since 1970; nothing when there is no such day or time.
std::optional<double> seconds_of(const CalendarTime& t) {
  const chrono::year_month_day date{chrono::year(t.year), chrono::month(static_cast<unsigned>(t.month)),
                                    chrono::day(static_cast<unsigned>(t.day))};
  const bool valid = date.ok() && t.year >= 1 && t.year <= 9999 && t.hour >= 0 && t.hour <= 23 && t.minute >= 0 &&
                     t.minute <= 59 && t.second >= 0 && t.second < 61;
  if (!valid) return std::nullopt;
  const auto days = static_cast<double>(chrono::sys_days(date).time_since_epoch().count());
  return days * kDay + t.hour * kHour + t.minute * kMinute + t.second;
}

// "13:45", "13:45:30.25" or the same with '-'; true when what was there has been understood.
bool scan_clock(Scanner& scanner, CalendarTime& t) {
  const auto hour = scanner.digits(2, 2);
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

// "Z" or "+02:00", as what to add for UTC.
std::optional<double> scan_zone(Scanner& scanner) {
  if (scanner.done() || scanner.take('Z')) return 0;
  const bool east = scanner.take('+');
  if (!east && !scanner.take('-')) return std::nullopt;
  const auto hours = scanner.digits(2, 2);
  scanner.take(':');
  const auto minutes = scanner.digits(0, 2);
  if (!hours || *hours > 14 || *minutes > 59) return std::nullopt;
  const double offset = *hours * kHour + *minutes * kMinute;
  return east ? -offset : offset;
}

}  // namespace

std::optional<double> parse_date(std::string_view text) {
  Scanner scanner(trimmed(text));
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
  const auto seconds = seconds_of(t);
  const auto zone = scan_zone(scanner);
  if (!seconds || !zone || !scanner.done()) return std::nullopt;
  return *seconds + *zone;
}

std::optional<double> parse_date(std::string_view text, std::string_view format) {
  Scanner scanner(trimmed(text));
  CalendarTime t;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      if (!scanner.take(format[i])) return std::nullopt;
      continue;
    }
    std::optional<int> value;
    switch (format[++i]) {
      case 'Y':
        value = scanner.digits(4, 4);
        break;
      case 'b':
        value = scanner.month_name();
        break;
      case '%':
        value = scanner.take('%') ? std::optional(0) : std::nullopt;
        break;
      default:
        value = scanner.digits(1, 2);
    }
    if (!value) return std::nullopt;
    switch (format[i]) {
      case 'Y':
        t.year = *value;
        break;
      case 'y':
        t.year = *value + (*value >= 69 ? 1900 : 2000);
        break;
      case 'm':
      case 'b':
        t.month = *value;
        break;
      case 'd':
        t.day = *value;
        break;
      case 'H':
        t.hour = *value;
        break;
      case 'M':
        t.minute = *value;
        break;
      case 'S':
        t.second = *value;
        break;
      case '%':
        break;
      default:
        return std::nullopt;
    }
  }
  return scanner.done() ? seconds_of(t) : std::nullopt;
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

std::string date_text(double seconds) {
  const CalendarTime t = calendar_time(seconds);
  const std::string day = fmt::format("{:04}-{:02}-{:02}", t.year, t.month, t.day);
  if (t.hour == 0 && t.minute == 0 && t.second == 0) return day;
  return fmt::format("{} {:02}:{:02}:{:02}", day, t.hour, t.minute, static_cast<int>(t.second));
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
  if (const std::string name = named(kSeconds); !name.empty()) return name;
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
