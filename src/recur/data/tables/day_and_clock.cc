#include "recur/data/tables/day_and_clock.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
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
  constexpr std::array<std::string_view, 3> kHours{"hour", "hr", "hours"};
  constexpr double kLastHour = 24;
  const std::string name = roles.head.header ? lower_ascii(roles.head.names[column]) : "";
  if (std::ranges::find(kHours, name) == kHours.end() || cells.kind != CellKind::kNumber || !cells.whole) return false;
  return std::ranges::all_of(cells.values, [&](const std::string& cell) {
    const double hour = roles.rules.number(cell).value_or(-1);
    return hour >= 0 && hour <= kLastHour;
  });
}

}  // namespace

bool is_other_half(const ColumnRoles& roles, size_t column, size_t time) {
  if (column == time || !roles.free(column)) return false;
  if (roles.profiles[time].kind == CellKind::kClock) return has_days(roles, column);
  return has_days(roles, time) && has_clock(roles, column);
}

void check_time_is_whole(const ColumnRoles& roles, size_t time) {
  if (!roles.profiles[time].repeats()) return;
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    if (!is_other_half(roles, c, time) || roles.profiles[c].values.size() < 2) continue;
    const bool clock = roles.profiles[time].kind == CellKind::kClock;
    const size_t day = clock ? c : time, hours = clock ? time : c;
    std::string example(trimmed(roles.cell(0, hours)));
    if (roles.profiles[hours].kind == CellKind::kNumber) example += ":00";
    fail_usage(
        "{}: column {} has the day and {} the time of day; join them into one column, such as {}, and set time_column "
        "to it",
        roles.file, quoted_cell(roles.head.names[day]), quoted_cell(roles.head.names[hours]),
        quoted_cell(std::string(trimmed(roles.cell(0, day))) + " " + example));
  }
}

}  // namespace recur::internal
