#include "recur/data/tables/day_and_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/row_order.h"
#include "recur/data/tables/usual_dates.h"

namespace recur::internal {
namespace {

// Without a time of day.
bool has_days(const ColumnRoles& roles, size_t column) {
  const Profile& cells = roles.profiles[column];
  if (!cells.dates && cells.kind != CellKind::kDate) {
    const std::vector<std::string> formats = usual_formats(roles, column);
    return !formats.empty() && formats[0].find("%M") == std::string::npos;
  }
  constexpr double kDay = 86400;
  return std::ranges::all_of(
      cells.values, [&](const std::string& cell) { return std::fmod(roles.rules.date(cell).value_or(0), kDay) == 0; });
}

bool has_clock(const ColumnRoles& roles, size_t column) {
  const Profile& cells = roles.profiles[column];
  const bool all_are =
      std::ranges::all_of(cells.values, [](const std::string& cell) { return parse_time_of_day(cell).has_value(); });
  if (!all_are || cells.values.empty()) return false;
  if (cells.kind == CellKind::kClock || cells.kind == CellKind::kText) return true;
  constexpr std::array<std::string_view, 3> kHours{"hour", "hr", "hours"};
  const std::string name = roles.head.header ? lower_ascii(roles.head.names[column]) : "";
  return cells.kind == CellKind::kNumber && std::ranges::find(kHours, name) != kHours.end();
}

struct DayAndClock {
  size_t day, clock;

  std::array<size_t, 2> columns() const { return {day, clock}; }
};

// The pairs that may be meant: of `time` and its other half or, where there is no time, of any two columns.
std::vector<DayAndClock> pairs_of(const ColumnRoles& roles, ColumnRoles::Column time) {
  std::vector<DayAndClock> pairs;
  const auto usable = [&](size_t c) { return roles.free(c) || time == c; };
  for (size_t day = 0; day < roles.profiles.size(); ++day) {
    if (!usable(day) || !has_days(roles, day)) continue;
    for (size_t clock = 0; clock < roles.profiles.size(); ++clock) {
      if (clock == day || !usable(clock) || !has_clock(roles, clock)) continue;
      if (!time || time == day || time == clock) pairs.push_back({day, clock});
    }
  }
  return pairs;
}

// Whether the day repeats, so that the clock has to tell rows apart, and both change.
bool belong_together(const ColumnRoles& roles, const DayAndClock& both) {
  const Profile &day = roles.profiles[both.day], &clock = roles.profiles[both.clock];
  const bool changes = day.values.size() > 1 || !roles.head.whole;
  return day.repeats() && changes && clock.values.size() > 1;
}

// The pairs that say more together.
std::vector<DayAndClock> joint_pairs(const ColumnRoles& roles, ColumnRoles::Column time) {
  std::vector<DayAndClock> pairs = pairs_of(roles, time);
  std::erase_if(pairs, [&](const DayAndClock& both) { return !belong_together(roles, both); });
  return pairs;
}

// The times of the first rows, by the rules or, where it is not empty, by a format of the days.
std::vector<double> times_of(const ColumnRoles& roles, const DayAndClock& both, const std::string& format) {
  std::vector<double> times;
  for (size_t row = 0; row < roles.rows(); ++row) {
    if (const auto time = joined_time_of(roles, row, both.columns(), format)) times.push_back(*time);
  }
  return times;
}

bool rise(const std::vector<double>& times) {
  return !times.empty() && std::ranges::adjacent_find(times, std::greater_equal<>()) == times.end();
}

bool are_even(const std::vector<double>& times) {
  for (size_t i = 2; i < times.size(); ++i) {
    if (times[i] - times[i - 1] != times[1] - times[0]) return false;
  }
  return rise(times);
}

// The formats that the days may have; of several the only one by which times are evenly spaced, if there is one.
std::vector<std::string> formats_of(const ColumnRoles& roles, const DayAndClock& both) {
  if (!roles.rules.time_format.empty()) return {};
  std::vector<std::string> formats = usual_formats(roles, both.day), even;
  if (formats.size() < 2) return formats;
  std::ranges::copy_if(formats, std::back_inserter(even),
                       [&](const std::string& format) { return are_even(times_of(roles, both, format)); });
  return even.size() == 1 ? even : formats;
}

void take(ColumnRoles& roles, const DayAndClock& both) {
  roles.take_joined_time({both.day, both.clock});
  find_format_of_days(roles);
  roles.notes.push_back(
      fmt::format("{}: the time is in two columns, time_column = {}{}", roles.file, roles.columns.time,
                  roles.columns.time_format.empty() ? "" : fmt::format(", days as {}", roles.columns.time_format)));
}

}  // namespace

bool is_other_half(const ColumnRoles& roles, size_t column, size_t time) {
  if (column == time || time >= roles.profiles.size() || !roles.free(column)) return false;  // or the time is whole
  if (roles.profiles[time].kind == CellKind::kClock) return has_days(roles, column);
  return has_days(roles, time) && has_clock(roles, column);
}

void find_format_of_days(ColumnRoles& roles) {
  if (roles.joined_time().size() != 2 || !roles.columns.time_format.empty()) return;
  const size_t day = roles.joined_time()[0];
  const std::vector<std::string> formats = formats_of(roles, {day, roles.joined_time()[1]});
  if (formats.empty()) return;
  if (formats.size() > 1) {
    fail_usage("{}: the days of column {}, such as {}, may be {} or {}: set time_format to what they are", roles.file,
               quoted_cell(roles.head.names[day]), trimmed(roles.cell(0, day)), formats[0], formats[1]);
  }
  roles.columns.time_format = formats[0];
}

bool join_day_and_clock(ColumnRoles& roles, ColumnRoles::Column time, ColumnRoles::Column id) {
  std::vector<DayAndClock> pairs = joint_pairs(roles, time);
  std::erase_if(pairs, [&](const DayAndClock& both) { return id && constant_within(roles, both.day, id); });
  if (pairs.empty()) return false;
  const auto& names = roles.head.names;
  const auto named = [&](const DayAndClock& both) { return names[both.day] + "," + names[both.clock]; };
  if (pairs.size() > 1) {
    fail_usage("{}: which columns are the time? time_column = {} or {} would do", roles.file, named(pairs[0]),
               named(pairs[1]));
  }
  take(roles, pairs[0]);
  return true;
}

bool join_rising_day_and_clock(ColumnRoles& roles, ColumnRoles::Column time) {
  constexpr size_t kFewestClocks = 4;  // fewer may be those of as many series, one row each a day
  const std::vector<DayAndClock> pairs = joint_pairs(roles, time);
  if (pairs.size() != 1 || roles.profiles[pairs[0].clock].values.size() < kFewestClocks) return false;
  const std::vector<std::string> formats = formats_of(roles, pairs[0]);
  if (!rise(times_of(roles, pairs[0], formats.empty() ? "" : formats[0]))) return false;
  take(roles, pairs[0]);
  return true;
}

}  // namespace recur::internal
