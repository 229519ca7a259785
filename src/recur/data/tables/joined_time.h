// A time of which the day stands in one cell and the time of day in another.
#pragma once

#include <optional>
#include <string_view>

#include "recur/data/tables/date_time.h"
#include "recur/data/tables/table.h"

namespace recur {

// The time format of the rules, where there is one, is that of the day, or, with directives of a time of day, that of
// both with a blank between them. Nothing where the cells are none.
std::optional<Date> joined_time(std::string_view day, std::string_view clock, const CellRules& rules);

bool has_time_of_day(std::string_view time_format);

}  // namespace recur
