// Which column is the time, and how its dates are written.
#pragma once

#include <cstddef>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Throws UsageError for a time_format, stated by somebody, that the cells do not have.
void check_format_fits(const ColumnRoles& roles);
// Takes whole numbers like 20200131 in the column of times for dates, with a note.
void find_compact_dates(ColumnRoles& roles, size_t time);
// By name, contents, or what counts; the roles stay as they are.
ColumnRoles::Column guess_time(const ColumnRoles& roles);

}  // namespace recur::internal
