// Labels in cells.
#pragma once

#include <string>
#include <string_view>

#include "recur/data/tables/table.h"

namespace recur {

// A class may be called None, NA, null or nan: a label is missing, "", only where the cell is empty, ? or the missing
// word that an option sets. Others are as canonical_label() has them.
std::string label_cell(std::string_view cell, const CellRules& rules);

}  // namespace recur
