// What the order of the rows says of a column: whether it is a time, counts, or stays the same within each sequence.
#pragma once

#include <cstddef>
#include <optional>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Of a column of times, as its cells or `roles.columns.time_format` say.
std::optional<double> time_of(const ColumnRoles& roles, size_t row, size_t column);
// Whether times grow from row to row of every sequence; one sequence where there is no id.
bool times_rise(const ColumnRoles& roles, size_t time, ColumnRoles::Column id);
// Whether whole numbers grow by the same from row to row of every sequence.
bool counts(const ColumnRoles& roles, size_t column, ColumnRoles::Column id);
bool constant_within(const ColumnRoles& roles, size_t column, ColumnRoles::Column id);

}  // namespace recur::internal
