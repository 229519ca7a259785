// The columns of a wide table that are its steps, by their names.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur::internal {

struct StepColumns {
  size_t first = 0, last = 0;
  bool dated = false;                  // they are called by dates
  std::vector<std::string> formats{};  // that these may have; none of ISO 8601
  bool contain(size_t column) const { return first <= column && column <= last; }
};

// Columns called by one prefix, that may be empty, and numbers that grow by one (t0, t1, ... or 1990, 1991, ...), or by
// dates that rise, where they are eight or more and most of all. Dates are those of `time_format` or, where it is
// empty, of ISO 8601 or a usual format.
std::optional<StepColumns> find_step_columns(std::span<const std::string> names, std::string_view time_format = "");

}  // namespace recur::internal
