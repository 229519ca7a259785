#include "recur/data/tables/joined_time.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "recur/data/files/plain_text.h"

namespace recur {

bool has_time_of_day(std::string_view time_format) {
  constexpr std::array<std::string_view, 4> kHours{"%H", "%I", "%T", "%R"};
  return std::ranges::any_of(kHours,
                             [&](std::string_view hours) { return time_format.find(hours) != std::string::npos; });
}

namespace {

// "2010" of "2010.0", as data frames write a column of whole numbers of which some are missing.
std::string_view without_decimals(std::string_view cell) {
  return cell.ends_with(".0") ? cell.substr(0, cell.size() - 2) : cell;
}

}  // namespace

bool is_by_cells(std::string_view time_format, size_t cells) {
  constexpr size_t kStride = 3;  // "%Y "
  if (cells < 2 || time_format.size() + 1 != cells * kStride) return false;
  for (size_t at = 0; at < time_format.size(); ++at) {
    const size_t place = at % kStride;
    if (place != 1 && time_format[at] != (place == 0 ? '%' : ' ')) return false;
  }
  return true;
}

std::optional<Date> joined_time(std::span<const std::string_view> cells, const CellRules& rules) {
  if (has_time_of_day(rules.time_format) || is_by_cells(rules.time_format, cells.size())) {
    std::string joined;
    for (const std::string_view cell : cells) {
      if (!joined.empty()) joined += ' ';
      joined += without_decimals(trimmed(cell));
    }
    const auto date = parse_zoned_date(joined, rules.time_format);
    if (date || has_time_of_day(rules.time_format)) return date;
  }
  if (cells.size() != 2) return std::nullopt;  // else %b %Y may be the format of the days
  const std::string_view day = trimmed(cells[0]), clock = trimmed(cells[1]);
  constexpr double kDay = 86400;
  const auto date = rules.zoned_date(day);
  const auto seconds = parse_time_of_day(clock);
  if (!date || !seconds || std::fmod(date->seconds, kDay) != 0) return std::nullopt;
  return Date{date->seconds + *seconds, date->zone};
}

}  // namespace recur
