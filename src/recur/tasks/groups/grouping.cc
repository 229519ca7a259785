#include "recur/tasks/groups/grouping.h"

#include <algorithm>
#include <map>

#include "recur/data/files/natural_order.h"

namespace recur {

Grouping group_by(std::string name, std::span<const std::string> cells) {
  const auto before = [](const std::string& a, const std::string& b) { return natural_less(a, b); };
  std::map<std::string, int32_t, decltype(before)> numbers(before);
  for (const std::string& cell : cells)
    if (!cell.empty()) numbers.emplace(cell, 0);
  Grouping out{.name = std::move(name), .groups = {}, .group_of = {}};
  for (auto& [group, number] : numbers) {
    number = static_cast<int32_t>(out.groups.size());
    out.groups.push_back(group);
  }
  for (const std::string& cell : cells) out.group_of.push_back(cell.empty() ? -1 : numbers.find(cell)->second);
  return out;
}

Grouping intersection(std::span<const Grouping> groupings) {
  std::string name;
  for (const Grouping& each : groupings) name += (name.empty() ? "" : " & ") + each.name;
  std::vector<std::string> cells(groupings.empty() ? 0 : groupings[0].group_of.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    for (const Grouping& each : groupings) {
      if (each.group_of[i] < 0) {
        cells[i].clear();
        break;
      }
      cells[i] += (cells[i].empty() ? "" : " & ") + each.groups[static_cast<size_t>(each.group_of[i])];
    }
  }
  return group_by(std::move(name), cells);
}

}  // namespace recur
