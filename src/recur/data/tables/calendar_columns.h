// Columns that are parts of the calendar: a year, a month, an hour.
#pragma once

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Of a table whose time is `time`, or not found: takes a year and a month, a day and so on in columns of their own
// together for the time, with a note, where it differs from row to row, or rises within the sequences of an id, which
// is then taken as well. Only where `time` is none of dates, nor called a time.
bool join_calendar(ColumnRoles& roles, ColumnRoles::Column time);
// Adds a note on columns that are called as parts of the calendar, of a table without a time.
void say_what_is_no_time(ColumnRoles& roles);
// Sets the format of a time in several columns that are called as parts of the calendar are. False where they are not;
// throws UsageError then for more than two, which cannot be a day and a time of day.
bool find_calendar_format(ColumnRoles& roles);
// Leaves out, with a note, columns that repeat a part of the calendar of `time`, and are called so.
void leave_out_calendar(ColumnRoles& roles, size_t time);

}  // namespace recur::internal
