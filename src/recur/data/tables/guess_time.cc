#include "recur/data/tables/guess_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/day_and_clock.h"
#include "recur/data/tables/row_order.h"
#include "recur/data/tables/step_columns.h"
#include "recur/data/tables/usual_dates.h"

namespace recur::internal {
namespace {

// Whether it holds for any of 0 .. count - 1. (clang 14 cannot compile std::views::iota of this standard library.)
template <class F>
bool any_below(size_t count, const F& holds) {
  for (size_t i = 0; i < count; ++i) {
    if (holds(i)) return true;
  }
  return false;
}

// The format that all cells have as whole numbers like 20200131; "" where they have none.
std::string_view compact_format(const ColumnRoles& roles, size_t column) {
  if (roles.profiles[column].kind != CellKind::kNumber || !roles.profiles[column].whole) return "";
  std::string_view format;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const std::string_view text = roles.cell(row, column);
    if (roles.rules.is_missing(text)) continue;
    const std::string_view here = compact_date_format(text);
    if (here.empty() || (!format.empty() && here != format)) return "";
    format = here;
  }
  return format;
}

bool dates_rise_within(const ColumnRoles& roles, size_t column, std::string_view format, size_t id) {
  std::map<std::string_view, double> last;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const double now = parse_date(roles.cell(row, column), format).value_or(0);
    const auto [at, first] = last.emplace(roles.cell(row, id), now);
    if (!first && now <= at->second) return false;
    at->second = now;
  }
  return last.size() > 1 && last.size() < roles.rows();
}

// Numbers that are dates: they rise as such from row to row, or have days and rise within the groups of another column,
// as the dates of several series do. Months alone look like other numbers: in the first column, or over the end of a
// year.
bool is_compact_time(const ColumnRoles& roles, size_t column) {
  const std::string_view format = compact_format(roles, column);
  const Profile& cells = roles.profiles[column];
  if (format.empty() || cells.present < roles.rows() || cells.values.size() < 3) return false;
  const bool days = format != "%Y%m";
  if (days && cells.repeats()) {
    const auto tells_apart = [&](size_t c) {
      return c != column && roles.profiles[c].repeats() && dates_rise_within(roles, column, format, c);
    };
    return any_below(roles.profiles.size(), tells_apart);
  }
  std::optional<double> before;
  bool new_year = false;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const auto now = parse_date(roles.cell(row, column), format);
    if (!now || (before && *now <= *before)) return false;
    new_year = new_year || (before && calendar_time(*now).year > calendar_time(*before).year);
    before = now;
  }
  return days || column == 0 || new_year;
}

// A clock such as that of sunrise, which falls now and then, beside days of which each has its row.
bool is_clock_of_a_day(const ColumnRoles& roles, size_t column) {
  if (roles.profiles[column].kind != CellKind::kClock || times_rise(roles, column, std::nullopt)) return false;
  return any_below(roles.profiles.size(), [&](size_t c) {
    return roles.free(c) && !roles.profiles[c].repeats() && !usual_formats(roles, c).empty();
  });
}

// Of a column of days with one of the time of day: a third one that has both.
ColumnRoles::Column whole_time_beside(const ColumnRoles& roles, ColumnRoles::Column day) {
  const size_t columns = roles.profiles.size();
  if (!day || !roles.profiles[*day].repeats()) return std::nullopt;
  if (!any_below(columns, [&](size_t c) { return is_other_half(roles, c, *day); })) return std::nullopt;
  for (size_t c = 0; c < columns; ++c) {
    const Profile& cells = roles.profiles[c];
    if (roles.free(c) && c != *day && cells.kind == CellKind::kDate && !cells.repeats()) return c;
  }
  return std::nullopt;
}

}  // namespace

// A format that somebody stated is not to be dropped without a word.
void check_format_fits(const ColumnRoles& roles) {
  const std::string& format = roles.options.time_format;
  if (format.empty()) return;
  const ColumnRoles::Column time = roles.time_column();
  if (!time && std::ranges::any_of(roles.profiles, &Profile::dates)) return;
  if (const auto steps = roles.head.header ? find_step_columns(roles.head.names, format) : std::nullopt;
      !time && steps && steps->dated) {
    return;
  }
  const bool joined = roles.has_joined_time();
  const auto fits_format = [&](size_t row) {
    return joined ? time_of(roles, row, *time).has_value() : roles.rules.date(roles.cell(row, *time)).has_value();
  };
  if (time && (roles.head.rows.empty() || any_below(roles.rows(), fits_format))) {
    return;  // who reads the others names them
  }
  // The column that is meant: declared, else called time, else the one that fits most.
  ColumnRoles::Column meant = joined ? roles.joined_time()[0] : time ? time : roles.named(kTimeNames);
  size_t most = 0;
  std::string misfit;
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    if (meant && *meant != c) continue;
    size_t fits = 0;
    std::string first;
    for (size_t row = 0; row < roles.rows(); ++row) {
      const std::string_view text = roles.cell(row, c);
      if (roles.rules.is_missing(text)) continue;
      if (roles.rules.date(text)) {
        ++fits;
      } else if (first.empty()) {
        first = fmt::format("{} in row {} of column {}", quoted_cell(text), row + 1, quoted_cell(roles.head.names[c]));
      }
    }
    if (misfit.empty() || fits > most) misfit = first;
    most = std::max(most, fits);
  }
  fail_usage("{}: time_format '{}' does not fit {}", roles.file, format, misfit.empty() ? "any column" : misfit);
}

void find_compact_dates(ColumnRoles& roles, size_t time) {
  if (!roles.options.time_format.empty()) return;
  const std::string name = roles.head.header ? lower_ascii(roles.head.names[time]) : "";
  if (std::ranges::find(kCounterNames, name) != kCounterNames.end()) return;
  roles.columns.time_format = compact_format(roles, time);
  if (roles.columns.time_format.empty()) return;
  roles.notes.push_back(fmt::format("{}: the numbers of column {}, such as {}, are taken for dates ({})", roles.file,
                                    quoted_cell(roles.head.names[time]), trimmed(roles.cell(0, time)),
                                    roles.columns.time_format));
}

ColumnRoles::Column guess_time(const ColumnRoles& roles) {
  const auto is_time = [&](size_t c) {
    return roles.profiles[c].dates || roles.profiles[c].kind == CellKind::kDate ||
           roles.profiles[c].kind == CellKind::kClock;
  };
  const auto is_number = [&](size_t c) { return roles.profiles[c].kind == CellKind::kNumber; };
  const auto name = roles.named(kTimeNames), part = roles.named(kPartNames);
  if (!roles.options.time_format.empty()) {
    if (name && roles.profiles[*name].dates) return name;
    for (size_t c = 0; c < roles.profiles.size(); ++c) {
      if (roles.free(c) && roles.profiles[c].dates) return c;
    }
  }
  if (const auto whole = whole_time_beside(roles, name)) return whole;
  if (name && (is_time(*name) || is_number(*name))) return name;
  if (part && is_time(*part)) return part;
  const bool part_rises = part && is_number(*part) && times_rise(roles, *part, roles.named(kIdNames));
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    if (!roles.free(c) || !is_time(c) || is_clock_of_a_day(roles, c)) continue;
    if (!part_rises || times_rise(roles, c, roles.named(kIdNames))) return c;
  }
  if (part_rises) return part;
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    if (roles.free(c) && is_compact_time(roles, c)) return c;
  }
  if (!roles.head.header || roles.rows() < 3) return std::nullopt;
  if (roles.profiles.size() > 1 && roles.free(0) && counts(roles, 0, std::nullopt)) return 0;
  ColumnRoles::Column id = roles.column_of(roles.columns.id);
  if (!id && (id = roles.named(kIdNames)) && !roles.profiles[*id].repeats()) return std::nullopt;
  const size_t column = id == ColumnRoles::Column(0) ? 1 : 0;
  if (!id || column >= roles.profiles.size() || !roles.free(column) || !counts(roles, column, id)) return std::nullopt;
  // What counts behind an id may be what was measured, where nothing else was.
  const auto others = std::span(roles.profiles).subspan(column + 1);
  const bool alone = std::ranges::none_of(others, [](const Profile& p) { return p.kind == CellKind::kNumber; });
  return column > 0 && alone ? std::nullopt : ColumnRoles::Column(column);
}

}  // namespace recur::internal
