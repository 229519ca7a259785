// The column of a list that an option names.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// The first row of a list.
struct ListHead {
  std::string_view file;  // for errors
  std::span<const std::string> cells;
  bool header = false;  // whether the cells are names
};

// Of the option `key`, whose value is "#2" or a name. Throws UsageError for a number that is no column's.
std::optional<size_t> find_named_column(const ListHead& head, std::string_view key, const std::string& value);
// The same, and throws UsageError for a name that no column has.
size_t named_column(const ListHead& head, std::string_view key, const std::string& value);

}  // namespace recur
