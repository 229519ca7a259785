// The day in one column and the clock in another.
#pragma once

#include <cstddef>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Whether the column has the other half of what `time` has: days beside clock times, or clock times or hours beside
// days.
bool is_other_half(const ColumnRoles& roles, size_t column, size_t time);
// Of a table of one series. Throws UsageError where its times repeat and the other half stands in a column of its own.
void check_time_is_whole(const ColumnRoles& roles, size_t time);

}  // namespace recur::internal
