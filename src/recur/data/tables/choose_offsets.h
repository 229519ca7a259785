// What is taken off the values of channels whose digits f32 would lose.
#pragma once

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Of all channels, with notes.
void choose_offsets(ColumnRoles& roles);

}  // namespace recur::internal
