// A row a sequence of one channel.
#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/table_rows.h"
#include "recur/data/sequences/table_sequences.h"

namespace recur::internal {
namespace {

// The columns from the first that has no other role to the last, by whether they are values.
std::vector<bool> value_columns(const TableRows& rows, const Columns& columns) {
  std::vector<bool> is_value(rows.head().names.size(), true);
  const auto leave_out = [&](size_t column) { is_value[column] = false; };
  const RoleColumns& roles = rows.roles();
  for (const size_t column : roles.ids) leave_out(column);
  for (const size_t column : roles.labels) leave_out(column);
  for (const size_t column : roles.statics) leave_out(column);
  for (const std::string& name : columns.ignored) {
    if (const auto column = rows.head().find(name)) leave_out(*column);
  }
  return is_value;
}

}  // namespace

SequenceSet read_wide(OpenTable table, const SequenceOptions& options) {
  TableRows rows(std::move(table), options);
  ValueBudget budget(options);
  SequenceSet set = rows.empty_set();
  const double offset = options.columns.offset("value");
  set.channels = {{"value", ChannelRole::kValue, offset}};
  StepSpill spill(set, options);
  const std::vector<bool> is_value = value_columns(rows, options.columns);
  const auto last_role =
      static_cast<size_t>(std::ranges::find(is_value.rbegin(), is_value.rend(), false).base() - is_value.begin());
  while (rows.next()) {
    const size_t cells = rows.table().cells().size();
    // Labels and ids may stand behind the values alone when all rows are as long as the header.
    const bool long_enough = rows.head().header ? cells <= is_value.size() : true;
    if (cells < last_role || !long_enough)
      rows.table().fail_here("expected {} columns, got {}", is_value.size(), cells);
    Sequence s = rows.begin_sequence(rows.has_ids() ? std::string(rows.id()) : std::to_string(set.size() + 1));
    budget.take(rows.table().name(), cells);
    for (size_t column = 0; column < cells; ++column) {
      if (column >= is_value.size() || is_value[column]) s.values.push_back(rows.number(column, offset));
    }
    // Shorter sequences are filled up behind their end.
    while (!s.values.empty() && std::isnan(s.values.back())) s.values.pop_back();
    set.sequences.push_back(std::move(s));
    spill.added(set.sequences.back());
  }
  spill.finish();
  rows.finish(set);
  return set;
}

}  // namespace recur::internal
