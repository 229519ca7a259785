// How many there are, in words.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace recur {

// "1 row", "2 rows": counted(n, "row", "rows"). Verbs may go along: ("line is", "lines are").
inline std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

}  // namespace recur
