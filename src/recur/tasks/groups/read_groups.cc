#include "recur/tasks/groups/read_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/string_map.h"

namespace recur {
namespace {

constexpr size_t kMostGroups = 50;  // more are numbers, or ids

// The column that is named for ids; "" where there is none, so that rows go by their order.
std::string id_column(const std::vector<std::string>& columns, const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  for (const std::string& name : columns) {
    const std::string small = lower_ascii(name);
    if (small == "id" || small.ends_with("_id")) return name;
  }
  return "";
}

// The cells of each example, by its id: all rows of one id have the same, or none.
std::vector<CellColumn> joined(const CellColumns& table, const std::string& id, const std::vector<std::string>& ids,
                               const std::vector<std::string>& names) {
  internal::StringMap<size_t> first;
  const CellColumn& keys = table.at(id);
  std::vector<CellColumn> by_key;
  for (const std::string& name : names) by_key.push_back({.name = name, .cells = {}});
  for (size_t i = 0; i < table.lines.size(); ++i) {
    const auto [at, fresh] = first.emplace(keys.cells[i], first.size());
    for (CellColumn& column : by_key) {
      const std::string& cell = table.at(column.name).cells[i];
      if (fresh) {
        column.cells.push_back(cell);
        continue;
      }
      std::string& kept = column.cells[at->second];
      if (kept.empty()) kept = cell;
      if (!cell.empty() && cell != kept) {
        fail("{}:{}: {}: expected one group for id '{}', got '{}' after '{}'", table.file, table.lines[i], column.name,
             keys.cells[i], cell, kept);
      }
    }
  }
  if (std::ranges::none_of(ids, [&](const std::string& one) { return first.contains(one); })) {
    fail("{}: {}: expected ids of the data, such as '{}', got none of them", table.file, id, ids.at(0));
  }
  std::vector<CellColumn> out;
  for (const CellColumn& column : by_key) {
    out.push_back({.name = column.name, .cells = {}});
    for (const std::string& one : ids) {
      const auto at = first.find(one);
      out.back().cells.push_back(at == first.end() ? "" : column.cells[at->second]);
    }
  }
  return out;
}

}  // namespace

Grouping checked_grouping(const std::string& file, const CellColumn& column) {
  Grouping grouping = group_by(column.name, column.cells);
  if (grouping.groups.size() > kMostGroups) {
    fail_usage("{}: groups: {} has {} values; expected {} at most. bands groups numbers: {}=25,45", file, column.name,
               grouping.groups.size(), kMostGroups, column.name);
  }
  return grouping;
}

ReadGroups read_groups(const DataFile& file, const GroupOptions& options, const std::vector<std::string>& ids) {
  const std::string id = id_column(column_names(file, options.table), options.id);
  std::vector<std::string> names = options.columns;
  if (!id.empty()) names.push_back(id);
  CellColumns table = read_columns(file, options.table, names);
  if (id.empty() && table.lines.size() != ids.size()) {
    fail_usage("{}: which column has the ids? id_column names it; columns: {}", file.name(),
               fmt::join(table.all, ", "));
  }
  ReadGroups out{.groupings = {}, .notes = table.notes};
  for (const std::string& bands : options.bands) put_into_bands(table, bands);
  const std::vector<CellColumn> columns = id.empty() ? table.columns : joined(table, id, ids, options.columns);
  for (const CellColumn& column : columns) out.groupings.push_back(checked_grouping(file.name(), column));
  out.notes.push_back(id.empty() ? fmt::format("{}: groups are joined row by row", file.name())
                                 : fmt::format("{}: groups are joined by {}", file.name(), id));
  return out;
}

}  // namespace recur
