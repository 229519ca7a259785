// A row a sequence of one channel.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/table_rows.h"
#include "recur/data/sequences/table_sequences.h"
#include "recur/data/tables/cell_text.h"

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

// The number at the end of a name, "12" of "t12", and what stands before it.
struct NumberedName {
  std::string_view before;
  int64_t number = 0;
};
std::optional<NumberedName> numbered_name(std::string_view name) {
  const size_t digits = name.size() - name.find_last_not_of("0123456789") - 1;
  constexpr size_t kMostDigits = 15;
  if (digits == 0 || digits > kMostDigits) return std::nullopt;
  const std::string_view before = name.substr(0, name.size() - digits);
  if (before.find_first_of("0123456789") != std::string_view::npos) return std::nullopt;  // as of dates
  const auto number = parse_number(name.substr(before.size()));
  return NumberedName{before, static_cast<int64_t>(number.value_or(0))};
}

// Steps are taken by their places. Where most of their names are numbered, t1, t2, ..., names that are not, or that are
// not in order, say that the places mean something else. Throws UsageError for another order.
void check_step_names(const TableHead& head, const std::vector<bool>& is_value, const std::string& file,
                      std::vector<std::string>& notes) {
  std::map<std::string_view, int64_t> counts;
  std::vector<std::string_view> names;
  for (size_t i = 0; head.header && i < head.names.size(); ++i) {
    if (!is_value[i]) continue;
    names.push_back(head.names[i]);
    if (const auto numbered = numbered_name(head.names[i])) ++counts[numbered->before];
  }
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  if (most == counts.end() || most->second < 3 || 2 * most->second <= std::ssize(names)) return;
  std::string_view before, others;
  int64_t last = 0, count = 0;
  for (const std::string_view name : names) {
    const auto numbered = numbered_name(name);
    if (!numbered || numbered->before != most->first) {
      if (count++ == 0) others = name;
      continue;
    }
    if (!before.empty() && numbered->number <= last) {
      fail_usage("{}: the column {} stands behind {}: steps of a wide table are read in the order of their columns",
                 file, quoted_cell(name), quoted_cell(before));
    }
    before = name;
    last = numbered->number;
  }
  if (count == 0) return;
  notes.push_back(fmt::format("{}: {} among the numbered ones {} taken as {} of the series: {}", file,
                              counted(count, "column", "columns"), count == 1 ? "is" : "are",
                              count == 1 ? "a step" : "steps", quoted_cell(others)) +
                  (count > 1 ? ", ..." : ""));
}

// The dates that the columns of values are called by; none where some of a later file are called otherwise, or dates do
// not rise.
std::vector<double> dates_of_columns(const TableRows& rows, const std::vector<bool>& is_value) {
  std::vector<double> dates;
  for (size_t i = 0; rows.head().header && i < is_value.size(); ++i) {
    if (!is_value[i]) continue;
    const auto date = rows.rules().date(rows.head().names[i]);
    if (!date || (!dates.empty() && *date <= dates.back())) return {};
    dates.push_back(*date);
  }
  return dates;
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
  check_step_names(rows.head(), is_value, rows.table().name(), set.notes);
  const std::vector<double> dates = options.columns.dated ? dates_of_columns(rows, is_value) : std::vector<double>{};
  if (!dates.empty()) set.time_kind = TimeKind::kDate;
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
    if (!dates.empty()) s.times.assign(dates.begin(), dates.begin() + std::ssize(s.values));
    set.sequences.push_back(std::move(s));
    spill.added(set.sequences.back());
  }
  spill.finish();
  rows.finish(set);
  return set;
}

}  // namespace recur::internal
