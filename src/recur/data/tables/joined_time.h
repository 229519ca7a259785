// A time that stands in several cells: a day and a time of day, or a year, a month and so on.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "recur/data/tables/date_time.h"
#include "recur/data/tables/table.h"

namespace recur {

// By a time format of the rules with a directive for each cell or with those of a time of day: it is that of the cells
// with a blank between them. Else the first of two cells is a day, of the format if there is one, and the second its
// time of day. Nothing where the cells are none.
std::optional<Date> joined_time(std::span<const std::string_view> cells, const CellRules& rules);

bool has_time_of_day(std::string_view time_format);
// Whether it is one directive for each of `cells` cells: "%Y %m %d" for three.
bool is_by_cells(std::string_view time_format, size_t cells);

}  // namespace recur
