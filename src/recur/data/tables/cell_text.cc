#include "recur/data/tables/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace recur {

bool is_missing(std::string_view cell) {
  static constexpr std::array<std::string_view, 6> kWords{"?", "na", "n/a", "nan", "null", "none"};
  cell = trimmed(cell);
  if (cell.empty()) return true;
  constexpr size_t kLongest = 4;
  if (cell.size() > kLongest || (cell.back() >= '0' && cell.back() <= '9')) return false;
  return std::ranges::find(kWords, lower_ascii(cell)) != kWords.end();
}

std::string number_wanted(std::string_view cell) {
  std::string with_point(trimmed(cell));
  const size_t comma = with_point.find(',');
  if (comma != std::string::npos) with_point[comma] = '.';
  const bool decimal_comma = comma != std::string::npos && parse_number(with_point);
  return fmt::format("expected a number, got {}{}", quoted_cell(cell),
                     decimal_comma ? "; decimals stand behind a point" : "");
}

std::string canonical_label(std::string_view label) {
  label = trimmed(label);
  const auto number = parse_number(label);
  constexpr double kWhole = 1e15;  // beyond it a double no longer tells neighbours apart
  if (!number || *number != std::floor(*number) || std::abs(*number) > kWhole) return std::string(label);
  return fmt::format("{}", static_cast<long long>(*number));
}

}  // namespace recur
