// What the order of the rows says of a column: whether it is a time, counts, or stays the same within each sequence.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Of a column of times, as its cells or `roles.columns.time_format` say.
std::optional<double> time_of(const ColumnRoles& roles, size_t row, size_t column);
// Of a row whose time stands in `columns`, by the rules or, where it is not empty, by a format.
std::optional<double> joined_time_of(const ColumnRoles& roles, size_t row, std::span<const size_t> columns,
                                     const std::string& format);
// Whether times grow from row to row of every sequence; one sequence where there is no id.
bool times_rise(const ColumnRoles& roles, size_t time, ColumnRoles::Column id);
// Whether whole numbers grow by the same from row to row of every sequence.
bool counts(const ColumnRoles& roles, size_t column, ColumnRoles::Column id);
bool constant_within(const ColumnRoles& roles, size_t column, ColumnRoles::Column id);

}  // namespace recur::internal
