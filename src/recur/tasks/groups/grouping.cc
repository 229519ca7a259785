#include "recur/tasks/groups/grouping.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "recur/data/files/natural_order.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

// The lower edge of a band of numbers ("< 25", "25 .. 45", ">= 45"); of other names none.
std::optional<double> band_edge(const std::string& name) {
  const size_t between = name.find(" .. ");
  if (name.starts_with("< ") && parse_number(name.substr(2))) return -std::numeric_limits<double>::infinity();
  if (name.starts_with(">= ")) return parse_number(name.substr(3));
  return between == std::string::npos ? std::nullopt : parse_number(name.substr(0, between));
}

// Bands by their edges, all else behind them in natural order.
bool group_less(const std::string& a, const std::string& b) {
  const std::optional<double> x = band_edge(a), y = band_edge(b);
  if (x && y && *x != *y) return *x < *y;
  if (x.has_value() != y.has_value()) return x.has_value();
  return natural_less(a, b);
}

bool is_in_all(const std::vector<int32_t>& place) { return std::ranges::find(place, -1) == place.end(); }

// A group as part of an intersection: one whose name could be taken for two, "x & y", is quoted.
std::string part_name(const std::string& group) {
  if (group.find(" & ") == std::string::npos && !group.starts_with('\'')) return group;
  std::string out = "'";
  for (const char c : group) out += c == '\'' ? std::string("\'\'") : std::string(1, c);
  return out + "'";
}

}  // namespace

Grouping group_by(std::string name, std::span<const std::string> cells) {
  std::map<std::string, int32_t, decltype(&group_less)> numbers(&group_less);
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
  Grouping out{.name = {}, .groups = {}, .group_of = {}};
  for (const Grouping& each : groupings) out.name += (out.name.empty() ? "" : " & ") + each.name;
  const size_t records = groupings.empty() ? 0 : groupings[0].group_of.size();
  // By the numbers of the groups, which come in the order of the columns' own groups.
  std::map<std::vector<int32_t>, int32_t> numbers;
  std::vector<std::vector<int32_t>> of_record(records);
  for (size_t i = 0; i < records; ++i) {
    for (const Grouping& each : groupings) of_record[i].push_back(each.group_of[i]);
    if (is_in_all(of_record[i])) numbers.emplace(of_record[i], 0);
  }
  for (auto& [place, number] : numbers) {
    number = static_cast<int32_t>(out.groups.size());
    std::string name;
    for (size_t k = 0; k < groupings.size(); ++k) {
      name += (k == 0 ? "" : " & ") + part_name(groupings[k].groups[static_cast<size_t>(place[k])]);
    }
    out.groups.push_back(std::move(name));
  }
  for (const auto& place : of_record) out.group_of.push_back(is_in_all(place) ? numbers.at(place) : -1);
  return out;
}

}  // namespace recur
