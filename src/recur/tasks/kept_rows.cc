#include "recur/tasks/kept_rows.h"

#include <fmt/format.h>

namespace recur {

std::string text_of(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* whole = std::get_if<int64_t>(&cell)) return fmt::format("{}", *whole);
  return fmt::format("{}", std::get<double>(cell));
}

std::optional<double> number_of(const TableCell& cell) {
  if (const auto* whole = std::get_if<int64_t>(&cell)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&cell)) return *real;
  return {};
}

}  // namespace recur
