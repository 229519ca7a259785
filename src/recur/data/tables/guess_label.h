// Which column labels the steps or the sequences of a long table.
#pragma once

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

void guess_label_of_long(ColumnRoles& roles, ColumnRoles::Column id);
// Data whose columns are known by a model that was trained without labels may have some.
void take_later_label(ColumnRoles& roles);

}  // namespace recur::internal
