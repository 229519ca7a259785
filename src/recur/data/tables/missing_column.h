// The error for a column that a table does not have.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace recur {

// Throws UsageError where `chosen`, that is when an option names the column for these very data; else Error: they lack
// what a model, or the file before them, has. `place` begins the message, "train.csv".
[[noreturn]] void fail_missing_column(std::string_view place, std::string_view name,
                                      std::span<const std::string> columns, bool chosen);

}  // namespace recur
