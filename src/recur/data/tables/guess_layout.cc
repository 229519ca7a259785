#include "recur/data/tables/guess_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/row_order.h"
#include "recur/data/tables/step_columns.h"

namespace recur::internal {
namespace {

constexpr size_t kFewestOfUcr = 16;  // columns of an unnamed table with a label a row

// Dates that rise from row to row are those of steps, and columns called s1, s2, ... then series beside each other.
bool dates_rise_beside_numbered_columns(ColumnRoles& roles) {
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    const bool date = roles.profiles[c].kind == CellKind::kDate || roles.profiles[c].dates;
    if (!date || roles.profiles[c].present < roles.rows() || roles.rows() < 3 || !times_rise(roles, c, std::nullopt)) {
      continue;
    }
    roles.notes.push_back(
        fmt::format("{}: a row is taken for a time step, since {} increases; set layout = wide if it is a sequence",
                    roles.file, quoted_cell(roles.head.names[c])));
    return true;
  }
  return false;
}

// Columns that end early one below the other are series of different lengths, not steps of the rows.
void check_not_series_as_columns(const ColumnRoles& roles) {
  size_t short_columns = 0, inner = 0;  // columns that end early, rows with a gap before a value
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    size_t last = 0, present = 0;
    for (size_t row = 0; row < roles.rows(); ++row) {
      if (roles.rules.is_missing(roles.cell(row, c))) continue;
      last = row + 1;
      ++present;
    }
    if (present < last) return;  // gaps within
    short_columns += present > 0 && last < roles.rows() ? 1 : 0;
  }
  for (size_t row = 0; row < roles.rows(); ++row) {
    bool gap = false, behind = false;
    for (size_t c = 0; c < roles.profiles.size(); ++c) {
      const bool missing = roles.rules.is_missing(roles.cell(row, c));
      behind = behind || (gap && !missing);
      gap = gap || missing;
    }
    inner += behind ? 1 : 0;
  }
  if (short_columns < 2 || inner == 0) return;
  fail_usage(
      "{}: are the columns series of different lengths (layout = long), or is each row a sequence (layout = wide)? "
      "{} columns end before the last row",
      roles.file, short_columns);
}

// Of an unnamed table without ids, a declared column that says several things: of one sequence it would contradict
// itself.
bool declares_labels_of_rows(const ColumnRoles& roles) {
  if (roles.columns.labels.size() != 1 || !roles.columns.id.empty()) return false;
  const auto label = roles.column_of(roles.columns.labels[0]);
  return label && roles.profiles[*label].values.size() > 1;
}

}  // namespace

Layout guess_layout(ColumnRoles& roles) {
  if (roles.names_parameters()) return Layout::kObservations;
  if (!roles.columns.time.empty() || !roles.columns.values.empty() || !roles.columns.step_labels.empty())
    return Layout::kLong;
  const auto steps = roles.head.header ? find_step_columns(roles.head.names, roles.options.time_format) : std::nullopt;
  if (steps) {
    if (!steps->dated) check_not_series_as_columns(roles);
    return dates_rise_beside_numbered_columns(roles) ? Layout::kLong : Layout::kWide;
  }
  if (roles.head.ragged && !roles.head.header) return Layout::kWide;
  if (roles.head.header || roles.profiles.size() < 3) return Layout::kLong;
  const Profile& first = roles.profiles[0];
  const bool numbers_follow = std::all_of(roles.profiles.begin() + 1, roles.profiles.end(), [](const Profile& p) {
    return p.kind == CellKind::kNumber || p.kind == CellKind::kMissing;
  });
  if (first.kind == CellKind::kText && !first.repeats() && numbers_follow) return Layout::kWide;
  if (roles.profiles.size() < kFewestOfUcr) return Layout::kLong;
  const bool few = first.kind == CellKind::kNumber && first.whole && first.values.size() * 2 <= first.present;
  return few || declares_labels_of_rows(roles) ? Layout::kWide : Layout::kLong;
}

}  // namespace recur::internal
