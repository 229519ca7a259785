// How a table holds sequences, where nobody has said.
#pragma once

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Notes what speaks for it where another would be likely. Throws UsageError where two are.
Layout guess_layout(ColumnRoles& roles);

}  // namespace recur::internal
