#include "recur/tasks/groups/decided_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/cell_columns.h"
#include "recur/tasks/groups/read_groups.h"

namespace recur {
namespace {

void check_columns(const DataFile& file, const std::vector<std::string>& wanted) {
  const std::vector<std::string> columns = column_names(file, {});
  for (const std::string& name : wanted) {
    if (name.starts_with('#') || std::ranges::find(columns, name) != columns.end()) continue;
    fail_usage(
        "{}: there is no column {}, by which the model decides: set decision_groups to a table that has it; columns: "
        "{}",
        file.name(), quoted_cell(name), listed(columns));
  }
}

}  // namespace

DecidedRows::DecidedRows(const GroupThresholds& thresholds, const DataFiles& data, const std::string& table,
                         std::vector<std::string> names, Sink& out)
    : thresholds_(thresholds), names_(std::move(names)), out_(out) {
  const std::string columns = fmt::format("{}", fmt::join(thresholds.columns, ","));
  if (table.empty() && data.size() != 1) {
    fail_usage("the model decides by {}: set decision_groups to the table that has it, since there are {} data files",
               columns, data.size());
  }
  const DataFile file = table.empty() ? data[0] : DataFile(table);
  check_columns(file, thresholds.columns);
  const ReadGroups read = read_groups(file, {.columns = thresholds.columns, .bands = thresholds.bands}, names_);
  for (const std::string& note : read.notes) log_info("{}", note);
  grouping_ = read.groupings.size() == 1 ? read.groupings[0] : intersection(read.groupings);
  for (const std::string& group : grouping_.groups) thresholds.of(group);
  const auto none = std::ranges::count(grouping_.group_of, -1);
  if (none > 0)
    log_warning("{} of {} records are in no group of {}: they have no decision", none, names_.size(), columns);
}

void DecidedRows::columns(const std::vector<std::string>& names) {
  const auto at = std::ranges::find(names, "p." + thresholds_.positive);
  if (at == names.end()) fail("thresholds by group: the model does not predict '{}'", thresholds_.positive);
  score_ = static_cast<size_t>(at - names.begin());
  std::vector<std::string> all = names;
  all.emplace_back("decision");
  out_.columns(all);
}

void DecidedRows::row(std::span<const TableCell> cells) {
  std::vector<TableCell> all(cells.begin(), cells.end());
  const size_t i = next_++;
  if (const int32_t group = grouping_.group_of.at(i); group < 0) {
    all.emplace_back(std::string());
  } else {
    const GroupRule& rule = thresholds_.of(grouping_.groups[static_cast<size_t>(group)]);
    const bool decided = chance_of_record(names_[i]) < rule.chance(std::get<double>(cells[score_]));
    all.emplace_back(int64_t{decided});
  }
  out_.row(all);
}

}  // namespace recur
