// Groups of records: of people by sex, of recordings by speaker.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace recur {

// A way to part the records: by one column, or by several at once.
struct Grouping {
  std::string name;  // "sex", "sex & race"
  std::vector<std::string>
      groups;  // their names in order, bands of numbers by their edges; of intersections "Female & Black"
  std::vector<int32_t> group_of;  // of each record, -1: it has none, since a cell is empty
};

// The grouping by a column of cells, "" where there is none.
Grouping group_by(std::string name, std::span<const std::string> cells);
// The groups that a record belongs to in all of these at once; those that no record is in are left out. In their names
// a part that contains " & " itself is quoted, so that two groups never have the same name.
Grouping intersection(std::span<const Grouping> groupings);

}  // namespace recur
