#include "recur/audit/comparison.h"

#include <algorithm>
#include <string_view>

namespace recur {
namespace {

// What all records together are called: no group has the same name.
std::string name_of_all(const Grouping& grouping) {
  std::string name = "all";
  while (std::ranges::find(grouping.groups, name) != grouping.groups.end()) name += " records";
  return name;
}

}  // namespace

bool decides(const std::vector<Decision>& records) {
  return std::ranges::any_of(records, [](const Decision& record) { return record.chosen.has_value(); });
}

std::vector<Figure> Comparison::figures(std::span<const int64_t> which) const {
  std::vector<std::vector<int64_t>> members(grouping_.groups.size());
  std::vector<int64_t> grouped, others;
  for (const int64_t i : which) {
    const int32_t group = grouping_.group_of[static_cast<size_t>(i)];
    if (group < 0) continue;
    grouped.push_back(i);
    members[static_cast<size_t>(group)].push_back(i);
    if (privileged_ && group != *privileged_) others.push_back(i);
  }
  std::vector<Figure> out;
  std::vector<GroupRates> rates;
  for (size_t g = 0; g < members.size(); ++g) {
    rates.push_back(rates_of(decisions_, members[g]));
    add_rates(out, static_cast<int64_t>(g), grouping_.groups[g], rates.back());
    add_measures(out, members[g]);
  }
  add_rates(out, std::ssize(members), name_of_all(grouping_), rates_of(decisions_, grouped));
  add_measures(out, grouped);
  add_gaps(out, gaps_between(rates));
  add_measure_gaps(out);
  if (privileged_) {
    add_gaps(out, gaps_to_privileged(rates_of(decisions_, others), rates[static_cast<size_t>(*privileged_)]));
  }
  return out;
}

// Without decisions the loss is all that rates have to say; the measures of the task say the rest.
void Comparison::add_rates(std::vector<Figure>& out, int64_t column, const std::string& group,
                           const GroupRates& rates) const {
  for (const RateKind& kind : kRates) {
    if (!decides_ && kind.value != &GroupRates::loss) continue;
    out.push_back({column, group, std::string(kind.name), "", rates.*kind.value, rates.records});
  }
}

// Of the group whose rates were the last.
void Comparison::add_measures(std::vector<Figure>& out, std::span<const int64_t> members) const {
  for (const TaskMeasure& measure : decisions_.measures) {
    out.push_back({out.back().column, out.back().group, measure.name, "", measure.of(members), std::ssize(members)});
  }
}

void Comparison::add_gaps(std::vector<Figure>& out, const std::vector<Gap>& gaps) const {
  for (const Gap& gap : gaps) {
    if (!decides_ && gap.name != kLossGap) continue;
    out.push_back({Figure::kGap, "", std::string(gap.name), std::string(gap.definition), gap.value});
  }
}

// The highest less the lowest of each measure; nothing where fewer than two groups have it.
void Comparison::add_measure_gaps(std::vector<Figure>& out) const {
  const std::vector<Figure> groups = out;
  for (const TaskMeasure& measure : decisions_.measures) {
    std::vector<double> values;
    for (const Figure& figure : groups) {
      const bool is_group = figure.column >= 0 && figure.column < std::ssize(grouping_.groups);
      if (is_group && figure.measure == measure.name && figure.value) values.push_back(*figure.value);
    }
    std::optional<double> gap;
    if (values.size() > 1) gap = std::ranges::max(values) - std::ranges::min(values);
    out.push_back({Figure::kGap, "", measure.name + "_difference", "recur", gap});
  }
}

}  // namespace recur
