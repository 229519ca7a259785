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

std::optional<Date> joined_time(std::string_view day, std::string_view clock, const CellRules& rules) {
  day = trimmed(day);
  clock = trimmed(clock);
  if (has_time_of_day(rules.time_format)) {
    return parse_zoned_date(std::string(day) + " " + std::string(clock), rules.time_format);
  }
  constexpr double kDay = 86400;
  const auto date = rules.zoned_date(day);
  const auto seconds = parse_time_of_day(clock);
  if (!date || !seconds || std::fmod(date->seconds, kDay) != 0) return std::nullopt;
  return Date{date->seconds + *seconds, date->zone};
}

}  // namespace recur
