// Which column, or which two of them, tell sequences apart.
#pragma once

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Two columns are taken at once, with a note: the result is then that of joined ids. Throws UsageError where more than
// one pair would do.
ColumnRoles::Column guess_id(ColumnRoles& roles, ColumnRoles::Column time);

}  // namespace recur::internal
