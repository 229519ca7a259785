// Series one below the other, in whose rows a column counts anew: it is the time, and the column beside it the id.
#pragma once

#include <cstddef>
#include <optional>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

struct IdAndTime {
  size_t id = 0, time = 0;
};

// For tables in which nothing else is a time. Where found, with a note; the roles stay as they are.
std::optional<IdAndTime> guess_series(ColumnRoles& roles);

}  // namespace recur::internal
