// What the cells of a column are, as far as the first rows of the table show.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "recur/data/tables/table.h"

namespace recur::internal {

struct Profile {
  CellKind kind = CellKind::kMissing;
  bool whole = false;            // all present cells are whole numbers
  size_t present = 0;            // cells that are not missing
  bool words = false;            // no present cell is a number
  bool dates = false;            // most present cells are dates of the time format
  bool binary = false;           // all present cells are 0 or 1, true or false, yes or no
  std::set<std::string> values;  // the different ones
  bool repeats() const { return values.size() < present; }
};

// `look_for_dates`: the rules have a time format that somebody stated.
Profile profile_of(const TableHead& head, size_t column, const CellRules& rules, bool look_for_dates);

}  // namespace recur::internal
