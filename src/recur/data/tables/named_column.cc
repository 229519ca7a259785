#include "recur/data/tables/named_column.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

namespace recur {

std::optional<size_t> find_named_column(const ListHead& head, std::string_view key, const std::string& value) {
  if (value.starts_with('#')) {
    const auto number = parse_number(std::string_view(value).substr(1));
    for (size_t c = 0; number && c < head.cells.size(); ++c) {
      if (*number == static_cast<double>(c + 1)) return c;
    }
    fail_usage("{}: {}: expected #1 .. #{}, got {}", head.file, key, head.cells.size(), value);
  }
  const auto at =
      std::ranges::find(head.cells, value, [](const std::string& cell) { return std::string(trimmed(cell)); });
  if (!head.header || at == head.cells.end()) return std::nullopt;
  return static_cast<size_t>(at - head.cells.begin());
}

size_t named_column(const ListHead& head, std::string_view key, const std::string& value) {
  if (const auto column = find_named_column(head, key, value)) return *column;
  fail_usage("{}: {}: there is no column {}; columns: {}", head.file, key, quoted_cell(value), listed(head.cells));
}

}  // namespace recur
