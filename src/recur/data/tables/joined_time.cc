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
      joined += trimmed(cell);
    }
    return parse_zoned_date(joined, rules.time_format);
  }
  if (cells.size() != 2) return std::nullopt;
  const std::string_view day = trimmed(cells[0]), clock = trimmed(cells[1]);
  constexpr double kDay = 86400;
  const auto date = rules.zoned_date(day);
  const auto seconds = parse_time_of_day(clock);
  if (!date || !seconds || std::fmod(date->seconds, kDay) != 0) return std::nullopt;
  return Date{date->seconds + *seconds, date->zone};
}

}  // namespace recur
