#include "recur/audit/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "recur/audit/gaps.h"
#include "recur/audit/group_rates.h"
#include "recur/base/counted.h"
#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int64_t kFew = 30;  // records of a group whose rates say little

constexpr int64_t kGap = -1;  // the column of a figure that is no group's

// A figure of one grouping.
struct Figure {
  int64_t column = kGap;  // the number of the group, or of all records behind the last one
  std::string group, measure, definition;
  std::optional<double> value;
  int64_t records = 0;
};

bool decides(const Decisions& decisions) {
  return std::ranges::any_of(decisions.records, [](const Decision& record) { return record.chosen.has_value(); });
}

// What all records together are called: no group has the same name.
std::string name_of_all(const Grouping& grouping) {
  std::string name = "all";
  while (std::ranges::find(grouping.groups, name) != grouping.groups.end()) name += " records";
  return name;
}

// One grouping, with the group that others are compared with.
class Comparison {
 public:
  Comparison(const Decisions& decisions, const Grouping& grouping, std::optional<int32_t> privileged)
      : decisions_(decisions), grouping_(grouping), privileged_(privileged), decides_(decides(decisions)) {}

  // Of the records with these numbers: of all, of each group, and of the gaps between them.
  std::vector<Figure> figures(std::span<const int64_t> which) const {
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

  const Grouping& grouping() const { return grouping_; }

 private:
  // Without decisions the loss is all that rates have to say; the measures of the task say the rest.
  void add_rates(std::vector<Figure>& out, int64_t column, const std::string& group, const GroupRates& rates) const {
    for (const RateKind& kind : kRates) {
      if (!decides_ && kind.value != &GroupRates::loss) continue;
      out.push_back({column, group, std::string(kind.name), "", rates.*kind.value, rates.records});
    }
  }
  // Of the group whose rates were the last.
  void add_measures(std::vector<Figure>& out, std::span<const int64_t> members) const {
    for (const TaskMeasure& measure : decisions_.measures) {
      out.push_back({out.back().column, out.back().group, measure.name, "", measure.of(members), std::ssize(members)});
    }
  }
  void add_gaps(std::vector<Figure>& out, const std::vector<Gap>& gaps) const {
    for (const Gap& gap : gaps) {
      if (!decides_ && gap.name != kLossGap) continue;
      out.push_back({kGap, "", std::string(gap.name), std::string(gap.definition), gap.value});
    }
  }
  // The highest less the lowest of each measure; nothing where fewer than two groups have it.
  void add_measure_gaps(std::vector<Figure>& out) const {
    const std::vector<Figure> groups = out;
    for (const TaskMeasure& measure : decisions_.measures) {
      std::vector<double> values;
      for (const Figure& figure : groups) {
        const bool is_group = figure.column >= 0 && figure.column < std::ssize(grouping_.groups);
        if (is_group && figure.measure == measure.name && figure.value) values.push_back(*figure.value);
      }
      std::optional<double> gap;
      if (values.size() > 1) gap = std::ranges::max(values) - std::ranges::min(values);
      out.push_back({kGap, "", measure.name + "_difference", "recur", gap});
    }
  }

  const Decisions& decisions_;
  const Grouping& grouping_;
  std::optional<int32_t> privileged_;
  bool decides_;
};

std::string key_of(const Figure& figure) {
  return fmt::format("{} {} {}", figure.column, figure.measure, figure.definition);
}

std::vector<int64_t> all_of(int64_t records) {
  std::vector<int64_t> out(static_cast<size_t>(records));
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<int64_t>(i);
  return out;
}

using Intervals = std::map<std::string, std::pair<double, double>>;

Intervals intervals_of(const Comparison& comparison, int64_t records, const BootstrapOptions& options) {
  Intervals out;
  if (options.samples == 0) return out;
  const Table table = bootstrap_intervals(records, options, [&](std::span<const int64_t> which) {
    std::vector<Metric> metrics;
    for (const Figure& figure : comparison.figures(which))
      if (figure.value) metrics.push_back({key_of(figure), *figure.value});
    return metrics;
  });
  for (const auto& row : table.rows) {
    out[std::get<std::string>(row[0])] = {std::get<double>(row[2]), std::get<double>(row[3])};
  }
  // One record says nothing of how others differ from it, nor does a gap that rests on it.
  const std::vector<Figure> figures = comparison.figures(all_of(records));
  const auto is_one_record = [](const Figure& figure) { return figure.column != kGap && figure.records < 2; };
  const bool has_lone = std::ranges::any_of(figures, is_one_record);
  for (const Figure& figure : figures) {
    if (is_one_record(figure) || (has_lone && figure.column == kGap)) out.erase(key_of(figure));
  }
  return out;
}

TableCell cell_of(std::optional<double> value) { return value ? TableCell(*value) : TableCell(std::string()); }

std::string with_interval(const Figure& figure, const Intervals& intervals) {
  if (!figure.value) return "undefined";
  const auto found = intervals.find(key_of(figure));
  if (found == intervals.end()) return fmt::format("{:.4f}", *figure.value);
  return fmt::format("{:.4f} ({:.3f} .. {:.3f})", *figure.value, found->second.first, found->second.second);
}

// A row a rate, a column a group, since there are few groups and many rates. Rates that no group has are left out.
Table rates_table(const Comparison& comparison, const std::vector<Figure>& figures, const Intervals& intervals) {
  Table table{.name = fmt::format("by {}", comparison.grouping().name), .columns = {"rate"}, .rows = {}};
  std::vector<TableCell> sizes{std::string("records")};
  std::vector<std::vector<TableCell>> rows;  // of each rate; all groups have the same rates in the same order
  std::vector<bool> defined;
  size_t next = 0;
  for (const Figure& figure : figures) {
    if (figure.column == kGap) continue;
    if (figure.column + 1 == std::ssize(table.columns)) {
      table.columns.push_back(figure.group);
      sizes.emplace_back(fmt::format("{}", figure.records));
      next = 0;
    }
    if (figure.column == 0) {
      rows.push_back({figure.measure});
      defined.push_back(false);
    }
    rows[next].emplace_back(with_interval(figure, intervals));
    defined[next] = defined[next] || figure.value;
    ++next;
  }
  table.rows.push_back(std::move(sizes));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (defined[i]) table.rows.push_back(std::move(rows[i]));
  }
  return table;
}

Table gaps_table(const Comparison& comparison, const std::vector<Figure>& figures, const Intervals& intervals) {
  Table table{.name = fmt::format("gaps by {}", comparison.grouping().name),
              .columns = {"measure", "definition", "value"},
              .rows = {}};
  for (const Figure& figure : figures) {
    if (figure.column != kGap || (!figure.value && figure.definition == "recur")) continue;
    table.rows.push_back({figure.measure, figure.definition, with_interval(figure, intervals)});
  }
  return table;
}

void add_figures(Table& table, const std::string& grouping, const std::vector<Figure>& figures,
                 const Intervals& intervals) {
  for (const Figure& figure : figures) {
    const auto found = intervals.find(key_of(figure));
    const bool known = found != intervals.end();
    table.rows.push_back({grouping, figure.group, figure.measure, figure.definition, cell_of(figure.value),
                          cell_of(known ? std::optional(found->second.first) : std::nullopt),
                          cell_of(known ? std::optional(found->second.second) : std::nullopt),
                          figure.column == kGap ? TableCell(std::string()) : TableCell(figure.records)});
  }
}

void add_notes(std::vector<std::string>& notes, const Grouping& grouping) {
  std::vector<int64_t> sizes(grouping.groups.size(), 0);
  int64_t without = 0;
  for (const int32_t group : grouping.group_of) {
    if (group < 0) {
      ++without;
    } else {
      ++sizes[static_cast<size_t>(group)];
    }
  }
  if (without > 0) {
    notes.push_back(fmt::format("{}: {} of {} records have no group and are left out", grouping.name, without,
                                grouping.group_of.size()));
  }
  for (size_t g = 0; g < sizes.size(); ++g) {
    if (sizes[g] >= kFew) continue;
    const bool one = sizes[g] == 1;
    notes.push_back(fmt::format("{}: '{}' has {} record{}: its rates are unreliable{}", grouping.name,
                                grouping.groups[g], sizes[g], one ? "" : "s",
                                one ? ", and no gap has an interval" : ""));
  }
}

// "1 record without a decision is left out of ..."
void add_left_out(std::vector<std::string>& notes, int64_t count, std::string_view without, std::string_view of) {
  if (count == 0) return;
  notes.push_back(fmt::format("{} without a {} {} left out of {}", counted(count, "record", "records"), without,
                              count == 1 ? "is" : "are", of));
}

// Of what some records lack and others have.
void add_notes_of_lacks(std::vector<std::string>& notes, const std::vector<Decision>& records) {
  const auto count = [&](auto&& has) { return static_cast<int64_t>(std::ranges::count_if(records, has)); };
  const int64_t chosen = count([](const Decision& d) { return d.chosen.has_value(); });
  const int64_t known = count([](const Decision& d) { return d.chosen && d.actual; });
  const int64_t scored = count([](const Decision& d) { return d.chosen && d.actual && d.score; });
  if (chosen > 0) {
    add_left_out(notes, std::ssize(records) - chosen, "decision", "all rates and gaps, which count decided records");
  }
  if (known > 0) add_left_out(notes, chosen - known, "label", "all rates but the selection rate and the loss");
  if (scored > 0) add_left_out(notes, known - scored, "score", "AUC, calibration error, Brier score and log loss");
}

// The group that "column=group" names, of the grouping by that column alone. REQUIRES: check_privileged().
std::optional<int32_t> privileged_of(const Grouping& grouping, const std::vector<std::string>& privileged) {
  for (const std::string& text : privileged) {
    const size_t at = text.find('=');
    if (text.substr(0, at) != grouping.name) continue;
    const auto found = std::ranges::find(grouping.groups, text.substr(at + 1));
    if (found == grouping.groups.end()) {
      fail_usage("privileged: {} has no group '{}'; groups: {}", grouping.name, text.substr(at + 1),
                 fmt::join(grouping.groups, ", "));
    }
    return static_cast<int32_t>(found - grouping.groups.begin());
  }
  return {};
}

void check_privileged(const std::vector<Grouping>& groupings, const std::vector<std::string>& privileged) {
  for (const std::string& text : privileged) {
    if (text.find('=') == std::string::npos) fail_usage("privileged: expected COLUMN=GROUP, got '{}'", text);
    const std::string column = text.substr(0, text.find('='));
    const auto is_it = [&](const Grouping& each) { return each.name == column; };
    if (std::ranges::none_of(groupings, is_it)) fail_usage("privileged: '{}' is not one of the groups", column);
  }
}

}  // namespace

Audit audit(const Decisions& decisions, const AuditOptions& options) {
  std::vector<Grouping> groupings = decisions.groupings;
  check_privileged(groupings, options.privileged);
  if (options.intersections && groupings.size() > 1) groupings.push_back(intersection(decisions.groupings));
  Audit out;
  out.figures = {.name = "figures",
                 .columns = {"grouping", "group", "measure", "definition", "value", "low", "high", "records"},
                 .rows = {}};
  if (!options.privileged.empty() && !decides(decisions)) {
    fail_usage("privileged: compares decisions, and this model makes none");
  }
  add_notes_of_lacks(out.notes, decisions.records);
  const std::vector<int64_t> all = all_of(decisions.size());
  for (const Grouping& grouping : groupings) {
    if (grouping.groups.size() < 2) {
      fail("groups: {}: expected two groups or more, got {}", grouping.name,
           grouping.groups.empty() ? "none" : "'" + grouping.groups[0] + "' alone");
    }
    add_notes(out.notes, grouping);
    const Comparison comparison(decisions, grouping, privileged_of(grouping, options.privileged));
    const std::vector<Figure> figures = comparison.figures(all);
    const Intervals intervals = intervals_of(comparison, decisions.size(), options.bootstrap);
    add_figures(out.figures, grouping.name, figures, intervals);
    out.tables.push_back(rates_table(comparison, figures, intervals));
    out.tables.push_back(gaps_table(comparison, figures, intervals));
  }
  return out;
}

}  // namespace recur
