#include "recur/data/tables/usual_dates.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"

namespace recur::internal {
namespace {

constexpr std::array<std::string_view, 15> kUsualDays{"%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y",  "%m-%d-%Y", "%d-%m-%Y",
                                                      "%d.%m.%y", "%m/%d/%y", "%d/%m/%y",  "%d-%b-%Y", "%d-%b-%y",
                                                      "%d %b %Y", "%b %d %Y", "%b %d, %Y", "%b-%y",    "%b %Y"};
constexpr std::array<std::string_view, 5> kUsualClocks{"", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"};

}  // namespace

std::span<const std::string_view> usual_days() { return kUsualDays; }

std::vector<std::string> usual_formats(const ColumnRoles& roles, size_t column) {
  std::vector<std::string> formats;
  if (roles.profiles[column].kind != CellKind::kText) return formats;
  for (const std::string_view day : kUsualDays) {
    for (const std::string_view clock : kUsualClocks) formats.push_back(std::string(day) + std::string(clock));
  }
  for (const std::string& cell : roles.profiles[column].values) {
    if (formats.empty()) break;
    std::erase_if(formats, [&](const std::string& format) { return !parse_date(trimmed(cell), format); });
  }
  return formats;
}

}  // namespace recur::internal
