#include "recur/data/tables/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/guess_id.h"
#include "recur/data/tables/joined_time.h"
#include "recur/data/tables/row_order.h"

namespace recur::internal {
namespace {

// What such columns are called, in small letters; the directive of a time format for what they hold, where there is
// one; and what that is of a time, up to a constant. Days of the week go round: `period` is theirs.
struct CalendarPart {
  std::array<std::string_view, 5> names;
  char directive;
  int (*of)(const CalendarTime& time);
  int period = 0;

  bool is_called(std::string_view name) const {
    const std::string small = lower_ascii(name);
    return !name.empty() && std::ranges::find(names, small) != names.end();
  }
};
using Calendar = CalendarTime;
constexpr int kYear = 0, kQuarter = 1, kMonth = 2, kDay = 3, kYearDay = 4, kHour = 5, kMinute = 6, kSecond = 7;
constexpr std::array<CalendarPart, 9> kParts{{
    {{"year", "yr", "yyyy"}, 'Y', [](const Calendar& t) { return t.year; }},
    {{"quarter", "qtr"}, 'q', [](const Calendar& t) { return (t.month - 1) / 3; }},
    {{"month", "mon", "mnth", "mm"}, 'm', [](const Calendar& t) { return t.month; }},
    {{"day", "dd", "mday", "day_of_month", "dayofmonth"}, 'd', [](const Calendar& t) { return t.day; }},
    {{"day_of_year", "dayofyear", "doy", "yday"}, 'j', [](const Calendar& t) { return t.year_day; }},
    {{"hour", "hr", "hh", "hours"}, 'H', [](const Calendar& t) { return t.hour; }},
    {{"minute", "minutes"}, 'M', [](const Calendar& t) { return t.minute; }},
    {{"second", "seconds"}, 'S', [](const Calendar& t) { return static_cast<int>(t.second); }},
    {{"weekday", "day_of_week", "dayofweek", "dow", "wday"}, 0, [](const Calendar& t) { return t.weekday; }, 7},
}};

// The part that a column is called as; -1 for none.
int part_called(const ColumnRoles& roles, size_t column) {
  for (size_t part = 0; roles.head.header && part < kParts.size(); ++part) {
    if (kParts[part].is_called(roles.head.names[column])) return static_cast<int>(part);
  }
  return -1;
}

// Directives of the columns, with a blank between them; "" where one is called as no part. Months may be names.
std::string format_called(const ColumnRoles& roles, const std::vector<size_t>& columns) {
  std::string format;
  for (const size_t column : columns) {
    const int part = part_called(roles, column);
    if (part < 0 || kParts[static_cast<size_t>(part)].directive == 0) return "";
    const char directive = kParts[static_cast<size_t>(part)].directive;
    const bool named = part == kMonth && roles.profiles[column].kind == CellKind::kText;
    format += fmt::format("{}%{}", format.empty() ? "" : " ", named ? 'b' : directive);
  }
  return format;
}

// Whether they are times in every row.
bool fits(const ColumnRoles& roles, const std::vector<size_t>& columns, const std::string& format) {
  for (size_t row = 0; row < roles.rows(); ++row) {
    if (!joined_time_of(roles, row, columns, format)) return false;
  }
  return roles.rows() > 0;
}

// The free columns that make a time together, the finest last: a year with a quarter, or with a month, or a day of it,
// and so on, without a gap. Fewer than two where there are none.
std::vector<size_t> columns_of_calendar(const ColumnRoles& roles) {
  std::array<ColumnRoles::Column, kParts.size()> found;
  for (size_t column = 0; column < roles.profiles.size(); ++column) {
    const int part = roles.free(column) ? part_called(roles, column) : -1;
    if (part >= 0 && !found[static_cast<size_t>(part)]) found[static_cast<size_t>(part)] = column;
  }
  std::vector<size_t> columns;
  const auto add = [&](int part) {
    const auto& column = found[static_cast<size_t>(part)];
    if (column) columns.push_back(*column);
    return column.has_value();
  };
  if (!add(kYear)) return {};
  const bool days = add(kMonth) ? add(kDay) : add(kYearDay);
  if (columns.size() == 1) add(kQuarter);
  if (days && add(kHour) && add(kMinute)) add(kSecond);
  return columns;
}

// Whether the columns as the time leave rising times: of all rows, or of the sequences of an id that is declared or
// then guessed.
bool tell_rows_apart(const ColumnRoles& roles, const std::vector<size_t>& columns, const std::string& format) {
  ColumnRoles trial = roles;
  trial.take_joined_time(columns);
  trial.columns.time_format = format;
  const size_t time = *trial.time_column();
  if (times_rise(trial, time, std::nullopt)) return true;
  auto id = trial.id_column();
  if (!id) id = guess_id(trial, time);
  return id && times_rise(trial, time, id);
}

bool has_dates(const ColumnRoles& roles, size_t time) {
  if (roles.has_joined_time() || !roles.columns.time_format.empty()) return true;
  return roles.profiles[time].dates || roles.profiles[time].kind == CellKind::kDate;
}

// Whether the column is the part of the time in every row, up to a constant.
bool repeats(const ColumnRoles& roles, size_t column, const CalendarPart& part, size_t time) {
  std::optional<double> constant;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const auto seconds = time_of(roles, row, time);
    const auto value = roles.rules.number(roles.cell(row, column));
    if (!seconds || !value) return false;
    double beside = *value - part.of(calendar_time(*seconds));
    if (part.period > 0) beside = std::fmod(beside + part.period, part.period);
    if (constant && *constant != beside) return false;
    constant = beside;
  }
  return constant.has_value();
}

}  // namespace

bool join_calendar(ColumnRoles& roles, ColumnRoles::Column time) {
  if (!roles.rules.time_format.empty() || roles.named(kTimeNames)) return false;
  if (time && part_called(roles, *time) < 0 && !counts(roles, *time, std::nullopt)) return false;
  std::vector<size_t> columns = columns_of_calendar(roles);
  for (; columns.size() > 1; columns.pop_back()) {
    const std::string format = format_called(roles, columns);
    if (!fits(roles, columns, format) || !tell_rows_apart(roles, columns, format)) continue;
    roles.take_joined_time(columns);
    roles.notes.push_back(
        fmt::format("{}: the time is in {} columns, time_column = {}", roles.file, columns.size(), roles.columns.time));
    return true;
  }
  return false;
}

bool find_calendar_format(ColumnRoles& roles) {
  if (!roles.has_joined_time() || !roles.rules.time_format.empty()) return false;
  const std::vector<size_t>& columns = roles.joined_time();
  const std::string format = format_called(roles, columns);
  const bool found = !format.empty() && fits(roles, columns, format);
  if (found) roles.columns.time_format = format;
  if (!found && columns.size() > 2) {
    fail_usage(
        "{}: time_column = {}: expected one column, a day and a time of day, or columns that are called year, month, "
        "day, ... and hold them; set time_format to a directive for each column, such as %Y %m %d",
        roles.file, roles.columns.time);
  }
  return found;
}

void leave_out_calendar(ColumnRoles& roles, size_t time) {
  if (!has_dates(roles, time)) return;
  for (size_t column = 0; column < roles.profiles.size(); ++column) {
    const int part = roles.free(column) ? part_called(roles, column) : -1;
    if (part < 0 || !repeats(roles, column, kParts[static_cast<size_t>(part)], time)) continue;
    roles.notes.push_back(fmt::format("{}: column {} is left out: the time says it; value_columns can name it",
                                      roles.file, quoted_cell(roles.head.names[column])));
    roles.take(column, roles.columns.ignored);
  }
}

}  // namespace recur::internal
