#include "recur/data/tables/guess_columns.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/calendar_columns.h"
#include "recur/data/tables/choose_offsets.h"
#include "recur/data/tables/column_roles.h"
#include "recur/data/tables/day_and_clock.h"
#include "recur/data/tables/guess_id.h"
#include "recur/data/tables/guess_label.h"
#include "recur/data/tables/guess_layout.h"
#include "recur/data/tables/guess_series.h"
#include "recur/data/tables/guess_time.h"
#include "recur/data/tables/guess_wide.h"
#include "recur/data/tables/left_out.h"
#include "recur/data/tables/row_order.h"

namespace recur {
namespace internal {
namespace {

// Finds how times are written that are in one column, or days and times of day in two, or parts of the calendar.
void find_time_format(ColumnRoles& roles) {
  if (find_calendar_format(roles)) return;
  const auto days = roles.has_joined_time() ? ColumnRoles::Column(roles.joined_time()[0]) : roles.time_column();
  if (days) find_compact_dates(roles, *days);
  find_format_of_days(roles);
}

// The time and, where only the series of a table tell it, the id; with notes of what is not told by names.
ColumnRoles::Column find_time(ColumnRoles& roles, ColumnRoles::Column& id) {
  ColumnRoles::Column time = guess_time(roles);
  if (join_calendar(roles, time)) {
    if (!id) id = roles.id_column();
    return roles.time_column();
  }
  if (time) {
    roles.take(*time, roles.columns.time);
  } else if (!id) {
    if (const auto found = guess_series(roles)) {
      roles.take(*(id = found->id), roles.columns.id);
      roles.take(*(time = found->time), roles.columns.time);
    }
  }
  return join_rising_day_and_clock(roles, time) ? roles.time_column() : time;
}

void guess_observations(ColumnRoles& roles) {
  const auto complete = [&](std::string& role, Names names, std::string_view what) {
    if (!role.empty()) return;
    const auto column = roles.named(names);
    if (!column) fail_usage("{}: which column is the {}? Columns: {}", roles.file, what, listed(roles.head.names));
    roles.take(*column, role);
  };
  complete(roles.columns.parameter, kParameterNames, "parameter");
  complete(roles.columns.value, kValueNames, "value");
  const bool time_is_open = roles.columns.time.empty();
  complete(roles.columns.time, kTimeNames, "time");
  if (roles.columns.id.empty()) {
    if (const auto id = roles.named(kIdNames)) roles.take(*id, roles.columns.id);
  }
  if (time_is_open) join_day_and_clock(roles, roles.time_column(), roles.id_column());
  if (roles.columns.labels.empty() && roles.options.need_labels) {
    if (const auto label = roles.named(kLabelNames)) roles.take(*label, roles.columns.labels);
  }
  find_time_format(roles);
}

void guess_long(ColumnRoles& roles) {
  ColumnRoles::Column time = roles.time_column(), id = roles.id_column();
  const bool time_is_open = !time;
  if (time_is_open) time = find_time(roles, id);
  find_time_format(roles);
  if (!time) say_what_is_no_time(roles);
  if (!id && (id = guess_id(roles, time)) && roles.columns.id.empty()) roles.take(*id, roles.columns.id);
  const bool whole = roles.has_joined_time() || (id && time && times_rise(roles, *time, id));
  if (time_is_open && !whole && join_day_and_clock(roles, time, id)) {
    time = roles.time_column();
    if (!id && (id = guess_id(roles, time)) && roles.columns.id.empty()) roles.take(*id, roles.columns.id);
  }
  guess_label_of_long(roles, id);
  if (roles.columns.values.empty()) {
    leave_out_row_numbers(roles);
    if (roles.options.leave_out_calendar && time) leave_out_calendar(roles, *time);
  }
  const bool all_values = roles.columns.values.empty();
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    if (!roles.free(c)) continue;
    const bool number = roles.profiles[c].kind == CellKind::kNumber || roles.profiles[c].kind == CellKind::kMissing;
    if (all_values && number) {
      roles.take(c, roles.columns.values);
    } else if (all_values && id && constant_within(roles, c, id)) {
      roles.take(c, roles.columns.statics);
    } else {
      roles.take(c, roles.columns.ignored);
      if (all_values) roles.notes.push_back(left_out_note(roles, c));
    }
  }
  if (roles.columns.values.empty()) fail_no_values(roles);
}

void guess_roles(ColumnRoles& roles) {
  switch (roles.columns.layout) {
    case Layout::kWide:
      return guess_roles_of_wide(roles);
    case Layout::kObservations:
      return guess_observations(roles);
    case Layout::kAuto:
    case Layout::kLong:
      return guess_long(roles);
  }
}

}  // namespace
}  // namespace internal

GuessedColumns guess_columns(const TableHead& head, const TableOptions& options, const std::string& file) {
  internal::ColumnRoles roles(head, options, file);
  Columns& columns = roles.columns;
  if (columns.complete) {
    if (options.find_anomalies && columns.step_labels.empty() && columns.labels.empty())
      internal::take_later_label(roles);
    return {std::move(columns), std::move(roles.notes)};
  }
  const NumberMarks marks = head.marks;
  if (options.decimal.empty() && marks.decimal != '.') columns.decimal = marks.decimal;
  if (options.thousands.empty() && marks.thousands != '\0') columns.thousands = marks.thousands;
  roles.look_at_cells();
  internal::check_format_fits(roles);
  if (columns.layout == Layout::kAuto) columns.layout = internal::guess_layout(roles);
  internal::guess_roles(roles);
  internal::choose_offsets(roles);
  columns.complete = true;
  return {std::move(columns), std::move(roles.notes)};
}

}  // namespace recur
