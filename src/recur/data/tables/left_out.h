// Columns that are no channels, and what is said of them.
#pragma once

#include <cstddef>
#include <string>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// What counts the rows from 0 or 1, and is called so or not at all, or stands first; each with a note.
void leave_out_row_numbers(ColumnRoles& roles);
// Says that the column is text, and what would make more of it.
std::string left_out_note(const ColumnRoles& roles, size_t column);
// Throws UsageError, with what keeps numbers from being read where that is seen.
[[noreturn]] void fail_no_values(const ColumnRoles& roles);

}  // namespace recur::internal
