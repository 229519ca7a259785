#include "recur/data/tables/row_order.h"

#include <map>
#include <string_view>
#include <vector>

#include "recur/data/tables/date_time.h"
#include "recur/data/tables/joined_time.h"

namespace recur::internal {

using Column = ColumnRoles::Column;

std::optional<double> joined_time_of(const ColumnRoles& roles, size_t row, std::span<const size_t> columns,
                                     const std::string& format) {
  CellRules rules = roles.rules;
  if (!format.empty()) rules.time_format = format;
  std::vector<std::string_view> cells;
  for (const size_t column : columns) cells.push_back(roles.cell(row, column));
  const auto time = joined_time(cells, rules);
  return time ? std::optional(time->seconds) : std::nullopt;
}

std::optional<double> time_of(const ColumnRoles& roles, size_t row, size_t column) {
  if (roles.has_joined_time() && roles.time_column() == column) {
    return joined_time_of(roles, row, roles.joined_time(), roles.columns.time_format);
  }
  const std::string_view text = roles.cell(row, column);
  if (roles.profiles[column].dates ||
      (!roles.columns.time_format.empty() && roles.column_of(roles.columns.time) == column)) {
    return roles.columns.time_format.empty() ? roles.rules.date(text) : parse_date(text, roles.columns.time_format);
  }
  switch (roles.profiles[column].kind) {
    case CellKind::kNumber:
      return roles.rules.number(text);
    case CellKind::kDate:
      return roles.rules.date(text);
    case CellKind::kClock:
      return parse_clock(text);
    default:
      return std::nullopt;
  }
}

bool times_rise(const ColumnRoles& roles, size_t time, Column id) {
  std::map<std::string_view, double> last;
  for (size_t row = 0; row < roles.head.rows.size(); ++row) {
    const auto now = time_of(roles, row, time);
    if (!now) continue;  // an error for who reads it
    const auto [at, first] = last.emplace(id ? roles.cell(row, *id) : std::string_view(), *now);
    if (!first && *now <= at->second) return false;
    at->second = *now;
  }
  return true;
}

bool counts(const ColumnRoles& roles, size_t column, Column id) {
  const Profile& numbers = roles.profiles[column];
  if (!numbers.whole || numbers.kind != CellKind::kNumber || numbers.present < roles.head.rows.size()) return false;
  std::map<std::string_view, double> last;
  std::optional<double> step;
  for (size_t row = 0; row < roles.head.rows.size(); ++row) {
    const double now = *time_of(roles, row, column);
    const auto [at, first] = last.emplace(id ? roles.cell(row, *id) : std::string_view(), now);
    if (first) continue;
    if (!step) step = now - at->second;
    if (*step <= 0 || now - at->second != *step) return false;
    at->second = now;
  }
  return step.has_value();
}

bool constant_within(const ColumnRoles& roles, size_t column, Column id) {
  std::map<std::string_view, std::string_view> seen;
  for (size_t row = 0; row < roles.head.rows.size(); ++row) {
    const std::string_view text = roles.cell(row, column);
    const auto [at, first] = seen.emplace(id ? roles.cell(row, *id) : std::string_view(), text);
    if (at->second != text) return false;
  }
  return true;
}

}  // namespace recur::internal
