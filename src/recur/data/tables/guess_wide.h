// The roles of the columns of a wide table.
#pragma once

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Of the columns of numbers, only those beside the numbered ones (see step_columns.h) are left out, each with a note.
void guess_roles_of_wide(ColumnRoles& roles);

}  // namespace recur::internal
