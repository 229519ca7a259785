// The day in one column and the clock in another.
#pragma once

#include <cstddef>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Whether the column has the other half of what `time` has: days beside clock times, or clock times or hours beside
// days.
bool is_other_half(const ColumnRoles& roles, size_t column, size_t time);
// Of a table whose time is `time`, or not found: takes a day and a clock in columns of their own together, with a note,
// where the one says little without the other. A day that never changes within a sequence is none of its steps, such as
// that of an admission. False where there are none; throws UsageError where several could be meant, or the days could
// be of several formats.
bool join_day_and_clock(ColumnRoles& roles, ColumnRoles::Column time, ColumnRoles::Column id);
// The same for a pair of which the times rise from the first row to the last.
bool join_rising_day_and_clock(ColumnRoles& roles, ColumnRoles::Column time);
// Takes the only format that the days of a time in two columns can have, or by which its times are evenly spaced, where
// none is stated; throws UsageError where there are several.
void find_format_of_days(ColumnRoles& roles);

}  // namespace recur::internal
