#include "recur/data/tables/guess_label.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "recur/data/files/plain_text.h"
#include "recur/data/tables/row_order.h"

namespace recur::internal {
namespace {

// A column of numbers called as labels are that says more than yes and no.
void note_other_anomaly_values(ColumnRoles& roles, size_t column) {
  constexpr size_t kFewValues = 10;
  const auto is_other = [&](const std::string& cell) {
    const auto number = roles.rules.number(cell);
    return number && *number != 0 && *number != 1;
  };
  const Profile& profile = roles.profiles[column];
  const auto other = std::ranges::find_if(profile.values, is_other);
  if (!profile.whole || profile.values.size() > kFewValues || other == profile.values.end()) return;
  roles.notes.push_back(
      fmt::format("{}: column {} is taken for a channel, since it has {} besides 0 and 1; set label_column to make it "
                  "the label of each step, and normal_labels to the normal ones",
                  roles.file, quoted_cell(roles.head.names[column]), quoted_cell(*other)));
}

}  // namespace

void guess_label_of_long(ColumnRoles& roles, ColumnRoles::Column id) {
  if (roles.options.label_steps && roles.columns.step_labels.empty())
    roles.columns.labels.swap(roles.columns.step_labels);
  if (!roles.columns.labels.empty() || !roles.columns.step_labels.empty() || !roles.options.need_labels) return;
  const auto label = roles.named(kLabelNames);
  const bool of_steps = label && (roles.options.label_steps || !constant_within(roles, *label, id));
  if (label) return roles.take(*label, of_steps ? roles.columns.step_labels : roles.columns.labels);
  if (!roles.options.find_anomalies) return;
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    const bool called = std::ranges::find(kAnomalyNames, lower_ascii(roles.head.names[c])) != kAnomalyNames.end();
    if (!roles.head.header || !roles.free(c) || !called) continue;
    if (!roles.profiles[c].binary) {
      note_other_anomaly_values(roles, c);
      continue;
    }
    roles.notes.push_back(
        fmt::format("{}: column {} is taken for the label of each step, not for a channel; set label_column or "
                    "value_columns to change this",
                    roles.file, quoted_cell(roles.head.names[c])));
    return roles.take(c, roles.columns.step_labels);
  }
}

void take_later_label(ColumnRoles& roles) {
  if (!roles.head.header || roles.columns.layout == Layout::kObservations) return;
  auto& labels = roles.columns.layout == Layout::kLong ? roles.columns.step_labels : roles.columns.labels;
  for (const Names names : {Names(kLabelNames), Names(kAnomalyNames)}) {
    const ColumnRoles::Column label = roles.named(names);
    if (!label || std::ranges::count(roles.columns.ignored, roles.head.names[*label]) > 0) continue;
    labels = {roles.head.names[*label]};
    return;
  }
}

}  // namespace recur::internal
