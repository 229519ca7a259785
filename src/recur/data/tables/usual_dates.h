// Dates as people write them besides ISO 8601.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/tables/column_roles.h"

namespace recur::internal {

// Of days or months: "%d.%m.%Y".
std::span<const std::string_view> usual_days();
// The time formats that all cells of the column have, "%d.%m.%Y %H:%M". More than one where no day is beyond 12.
std::vector<std::string> usual_formats(const ColumnRoles& roles, size_t column);

}  // namespace recur::internal
