#include "recur/data/tables/calendar_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/joined_time.h"
#include "recur/data/tables/row_order.h"
#include "recur/data/tables/usual_names.h"

namespace recur::internal {
namespace {

// What such columns are called, in small letters, the directive of a time format for what they hold, where there is
// one, and what they hold of a time.
struct CalendarPart {
  std::array<std::string_view, 5> names;
  char directive;
  int (*of)(const CalendarTime& time);
  int period = 0;         // days of the week go round, from any of them on
  bool from_any = false;  // years may be counted from any
};
constexpr CalendarPart kYear{{"year", "yr", "yyyy"}, 'Y', [](const CalendarTime& t) { return t.year; }, 0, true};
constexpr CalendarPart kQuarter{{"quarter", "qtr"}, 'q', [](const CalendarTime& t) { return (t.month + 2) / 3; }};
constexpr CalendarPart kMonth{{"month", "mon", "mnth", "mm"}, 'm', [](const CalendarTime& t) { return t.month; }};
constexpr CalendarPart kDay{
    {"day", "dd", "day_of_month", "dayofmonth", "date_of_month"}, 'd', [](const CalendarTime& t) { return t.day; }};
constexpr CalendarPart kYearDay{
    {"day_of_year", "dayofyear", "doy", "yday"}, 'j', [](const CalendarTime& t) { return t.year_day + 1; }};
constexpr CalendarPart kHour{{"hour", "hr", "hh", "hour_of_day"}, 'H', [](const CalendarTime& t) { return t.hour; }};
constexpr CalendarPart kMinute{{"minute"}, 'M', [](const CalendarTime& t) { return t.minute; }};
constexpr CalendarPart kSecond{{"second"}, 'S', [](const CalendarTime& t) { return static_cast<int>(t.second); }};
constexpr CalendarPart kWeekday{
    {"weekday", "day_of_week", "dayofweek", "dow", "wday"}, '\0', [](const CalendarTime& t) { return t.weekday; }, 7};
constexpr std::array kParts{&kYear, &kQuarter, &kMonth, &kDay, &kYearDay, &kHour, &kMinute, &kSecond, &kWeekday};

// The part that a column is called as; null for none.
const CalendarPart* part_called(const ColumnRoles& roles, size_t column) {
  if (!roles.head.header || roles.head.names[column].empty()) return nullptr;
  const std::string name = lower_ascii(roles.head.names[column]);
  const auto part = std::ranges::find_if(
      kParts, [&](const CalendarPart* each) { return std::ranges::find(each->names, name) != each->names.end(); });
  return part == kParts.end() ? nullptr : *part;
}

// A year and further parts as a format, their directives with a blank between them; "" where a column is called as none
// or as one that is there already. Months may be names.
std::string format_called(const ColumnRoles& roles, const std::vector<size_t>& columns) {
  std::string format;
  std::set<const CalendarPart*> parts;
  for (const size_t column : columns) {
    const CalendarPart* const part = part_called(roles, column);
    if (part == nullptr || part->directive == '\0' || !parts.insert(part).second) return "";
    const bool is_name = part == &kMonth && roles.profiles[column].kind == CellKind::kText;
    format += fmt::format("{}%{}", format.empty() ? "" : " ", is_name ? 'b' : part->directive);
  }
  return parts.contains(&kYear) ? format : "";
}

// The first row whose cells are there and no time; nothing where all that are there are times, and nearly all are
// there.
std::optional<size_t> misfit(const ColumnRoles& roles, const std::vector<size_t>& columns, const std::string& format) {
  constexpr size_t kMostMissing = 10;  // one in so many rows: an error for who reads it
  size_t missing = 0, last = 0;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const bool is_there =
        std::ranges::none_of(columns, [&](size_t column) { return roles.rules.is_missing(roles.cell(row, column)); });
    if (is_there && !joined_time_of(roles, row, columns, format)) return row;
    if (!is_there) ++missing, last = row;
  }
  return missing * kMostMissing > roles.rows() ? std::optional(last) : std::nullopt;
}

// The free columns that make a time together, the finest last: a year with a quarter, or with a month, or a day of it,
// and so on, without a gap. Fewer than two where there are none.
std::vector<size_t> columns_of_calendar(const ColumnRoles& roles) {
  std::vector<size_t> columns;
  const auto add = [&](const CalendarPart& part) {
    for (size_t column = 0; column < roles.profiles.size(); ++column) {
      if (!roles.free(column) || part_called(roles, column) != &part) continue;
      columns.push_back(column);
      return true;
    }
    return false;
  };
  if (!add(kYear)) return {};
  const bool days = add(kMonth) ? add(kDay) : add(kYearDay);
  if (columns.size() == 1) add(kQuarter);
  if (days && add(kHour) && add(kMinute)) add(kSecond);
  return columns;
}

// Whether no two rows have the same time.
bool differ(const ColumnRoles& roles, size_t time) {
  std::set<double> times;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const auto now = time_of(roles, row, time);
    if (now && !times.insert(*now).second) return false;
  }
  return true;
}

// Whether the columns as the time differ from row to row, in whatever order, or rise within the sequences of `id`.
struct CalendarRise {
  bool rises = false;
  ColumnRoles::Column id = {};  // that nobody has declared
};
// The id may be what is called one, or the first column of texts or whole numbers, not called as a part of a date, with
// three rows or more for each of its cells.
CalendarRise rise_of(const ColumnRoles& roles, const std::vector<size_t>& columns, const std::string& format) {
  constexpr size_t kFewestSteps = 3;
  ColumnRoles trial = roles;
  trial.take_joined_time(columns);
  trial.columns.time_format = format;
  const size_t time = *trial.time_column();
  if (differ(trial, time)) return {.rises = true};
  if (const auto id = trial.id_column()) return {.rises = times_rise(trial, time, id)};
  const auto fits_id = [&](size_t c) {
    const Profile& cells = trial.profiles[c];
    const bool names = cells.kind == CellKind::kText || (cells.kind == CellKind::kNumber && cells.whole);
    return trial.free(c) && names && cells.values.size() * kFewestSteps <= cells.present &&
           trial.leaves_values(c, time) && part_called(roles, c) == nullptr &&
           !has_word(trial.head.names[c], kDateWords) && times_rise(trial, time, c);
  };
  if (const auto named = trial.named(kIdNames)) {
    if (fits_id(*named)) return {.rises = true, .id = named};
  }
  for (size_t c = 0; c < trial.profiles.size(); ++c) {
    if (fits_id(c)) return {.rises = true, .id = c};
  }
  return {};
}

bool has_dates(const ColumnRoles& roles, size_t time) {
  if (roles.has_joined_time() || !roles.columns.time_format.empty()) return true;
  return roles.profiles[time].dates || roles.profiles[time].kind == CellKind::kDate;
}

// Whether the column is the part of the time in every row, counted from 0 or 1 or, of years and days of the week, from
// any. What never changes, but for years, may be something else that happens to be so far from the time.
bool repeats(const ColumnRoles& roles, size_t column, const CalendarPart& part, size_t time) {
  std::optional<double> apart;
  std::set<int> parts;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const auto seconds = time_of(roles, row, time);
    const auto value = roles.rules.number(roles.cell(row, column));
    if (!seconds || !value) return false;
    const int own = part.of(calendar_time(*seconds));
    double here = *value - own;
    if (part.period > 0) here = std::fmod(here + part.period, part.period);
    if (apart && *apart != here) return false;
    apart = here;
    parts.insert(own);
  }
  const bool from_any = part.from_any || (part.period > 0 && parts.size() > 1);
  return apart && (from_any || *apart == 0 || (*apart == -1 && parts.size() > 1));
}

std::vector<std::string> names_of(const ColumnRoles& roles, const std::vector<size_t>& columns) {
  std::vector<std::string> names;
  for (const size_t column : columns) names.push_back(roles.head.names[column]);
  return names;
}

std::string quoted_cells(const ColumnRoles& roles, size_t row, const std::vector<size_t>& columns) {
  std::string out;
  for (const size_t column : columns) out += (out.empty() ? "" : ", ") + quoted_cell(roles.cell(row, column));
  return out;
}

void take(ColumnRoles& roles, const std::vector<size_t>& columns, const CalendarRise& found) {
  roles.take_joined_time(columns);
  roles.notes.push_back(
      fmt::format("{}: the time is in {} columns, time_column = {}", roles.file, columns.size(), roles.columns.time));
  if (!found.id) return;
  roles.take(*found.id, roles.columns.id);
  roles.notes.push_back(fmt::format(
      "{}: column {} is the id of series, since times start anew where it changes; set id_column to another",
      roles.file, quoted_cell(roles.columns.id)));
}

}  // namespace

bool join_calendar(ColumnRoles& roles, ColumnRoles::Column time) {
  if (!roles.rules.time_format.empty() || roles.named(kTimeNames) || roles.rows() == 0) return false;
  if (time && part_called(roles, *time) == nullptr && !counts(roles, *time, std::nullopt)) return false;
  std::vector<size_t> columns = columns_of_calendar(roles);
  for (; columns.size() > 1; columns.pop_back()) {
    const std::string format = format_called(roles, columns);
    if (misfit(roles, columns, format)) continue;
    const CalendarRise found = rise_of(roles, columns, format);
    if (!found.rises) continue;
    take(roles, columns, found);
    return true;
  }
  return false;
}

void say_what_is_no_time(ColumnRoles& roles) {
  const std::vector<size_t> columns = columns_of_calendar(roles);
  if (columns.size() > 1) {
    const auto row = misfit(roles, columns, format_called(roles, columns)), named = roles.named(kTimeNames);
    std::string why = "they repeat";
    if (row) why = fmt::format("row {} has {}", *row + 1, quoted_cells(roles, *row, columns));
    if (named) why = fmt::format("column {} is called one", quoted_cell(roles.head.names[*named]));
    roles.notes.push_back(fmt::format(
        "{}: columns {} are not taken for the time, since {}; time_column and time_format can say that they are",
        roles.file, listed(names_of(roles, columns)), why));
    return;
  }
  const auto part = roles.named(kPartNames);
  if (!part || roles.profiles[*part].kind != CellKind::kNumber) return;
  roles.notes.push_back(fmt::format("{}: column {} is not taken for the time: it does not increase from row to row",
                                    roles.file, roles.head.names[*part]));
}

bool find_calendar_format(ColumnRoles& roles) {
  if (!roles.has_joined_time() || !roles.rules.time_format.empty()) return false;
  const std::vector<size_t>& columns = roles.joined_time();
  const std::string format = format_called(roles, columns);
  if (!format.empty()) roles.columns.time_format = format;
  if (format.empty() && columns.size() > 2) {
    fail_usage(
        "{}: time_column = {}: expected one column, a day and a time of day, or columns that are called year, month, "
        "day, ...; set time_format to a directive for each column, such as %Y %m %d",
        roles.file, roles.columns.time);
  }
  return !format.empty();
}

void leave_out_calendar(ColumnRoles& roles, size_t time) {
  if (!has_dates(roles, time)) return;
  for (size_t column = 0; column < roles.profiles.size(); ++column) {
    const CalendarPart* const part = roles.free(column) ? part_called(roles, column) : nullptr;
    if (part == nullptr || !repeats(roles, column, *part, time)) continue;
    roles.notes.push_back(fmt::format("{}: column {} is left out: the time says it; value_columns can name it",
                                      roles.file, quoted_cell(roles.head.names[column])));
    roles.take(column, roles.columns.ignored);
  }
}

}  // namespace recur::internal
