#include "recur/data/tables/day_and_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"
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
  if (cells.kind == CellKind::kClock) return true;
  const bool all_are =
      std::ranges::all_of(cells.values, [](const std::string& cell) { return parse_time_of_day(cell).has_value(); });
  if (!all_are || cells.values.empty()) return false;
  if (cells.kind == CellKind::kText) return true;
  constexpr std::array<std::string_view, 3> kHours{"hour", "hr", "hours"};
  const std::string name = roles.head.header ? lower_ascii(roles.head.names[column]) : "";
  return cells.kind == CellKind::kNumber && std::ranges::find(kHours, name) != kHours.end();
}

using DayAndClock = ColumnRoles::DayAndClock;

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

// Takes the only format that the days can have.
void find_format_of_days(ColumnRoles& roles, const DayAndClock& both) {
  if (!roles.rules.time_format.empty()) return;
  const std::vector<std::string> formats = usual_formats(roles, both.day);
  if (formats.empty()) return;
  const std::string name = quoted_cell(roles.head.names[both.day]);
  if (formats.size() > 1) {
    fail_usage("{}: the days of column {}, such as {}, may be {} or {}: set time_format to what they are", roles.file,
               name, trimmed(roles.cell(0, both.day)), formats[0], formats[1]);
  }
  roles.columns.time_format = formats[0];
}

}  // namespace

bool is_other_half(const ColumnRoles& roles, size_t column, size_t time) {
  if (column == time || time >= roles.profiles.size() || !roles.free(column)) return false;  // or the time is whole
  if (roles.profiles[time].kind == CellKind::kClock) return has_days(roles, column);
  return has_days(roles, time) && has_clock(roles, column);
}

bool join_day_and_clock(ColumnRoles& roles, ColumnRoles::Column time) {
  std::vector<DayAndClock> pairs = pairs_of(roles, time);
  std::erase_if(pairs, [&](const DayAndClock& both) { return !belong_together(roles, both); });
  if (pairs.empty()) return false;
  const auto& names = roles.head.names;
  const auto named = [&](const DayAndClock& both) { return names[both.day] + "," + names[both.clock]; };
  if (pairs.size() > 1) {
    fail_usage("{}: which columns are the time? time_column = {} or {} would do", roles.file, named(pairs[0]),
               named(pairs[1]));
  }
  find_format_of_days(roles, pairs[0]);
  roles.take_joined_time(pairs[0]);
  roles.notes.push_back(
      fmt::format("{}: the time is in two columns, time_column = {}{}", roles.file, roles.columns.time,
                  roles.columns.time_format.empty() ? "" : fmt::format(", days as {}", roles.columns.time_format)));
  return true;
}

}  // namespace recur::internal
