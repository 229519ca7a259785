#include "recur/audit/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "recur/audit/comparison.h"
#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

constexpr int64_t kFew = 30;  // records of a group whose rates say little

std::string key_of(const Figure& figure) {
  return fmt::format("{} {} {}", figure.column, figure.measure, figure.definition);
}

using Intervals = std::map<std::string, std::pair<double, double>>;

Intervals intervals_of(const Comparison& comparison, int64_t records, const BootstrapOptions& options) {
  Intervals out;
  if (options.samples == 0) return out;
  std::map<std::string, std::pair<double, double>> extremes;  // over the resamples
  const Table table = bootstrap_intervals(records, options, [&](std::span<const int64_t> which) {
    std::vector<Metric> metrics;
    for (const Figure& figure : comparison.figures(which)) {
      if (!figure.value) continue;
      metrics.push_back({key_of(figure), *figure.value});
      auto& [least, most] = extremes.try_emplace(metrics.back().name, *figure.value, *figure.value).first->second;
      least = std::min(least, *figure.value);
      most = std::max(most, *figure.value);
    }
    return metrics;
  });
  // Where all resamples agree, as on a rate of 0 or 1, or one that rests on a single record, they cannot say how sure
  // it is.
  for (const auto& row : table.rows) {
    const std::string& key = std::get<std::string>(row[0]);
    const auto& [least, most] = extremes.at(key);
    if (least < most) out[key] = {std::get<double>(row[2]), std::get<double>(row[3])};
  }
  // One record says nothing of how others differ from it, nor does a gap that rests on it.
  const std::vector<Figure> figures = comparison.figures(all_of(records));
  const auto is_one_record = [](const Figure& figure) { return figure.column != Figure::kGap && figure.records < 2; };
  const bool has_lone = std::ranges::any_of(figures, is_one_record);
  for (const Figure& figure : figures) {
    if (is_one_record(figure) || (has_lone && figure.column == Figure::kGap)) out.erase(key_of(figure));
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
Table rates_table(const std::string& name, const std::vector<Figure>& figures, const Intervals& intervals) {
  Table table{.name = "by " + name, .columns = {"rate"}, .rows = {}};
  std::vector<TableCell> sizes{std::string("records")};
  std::vector<std::vector<TableCell>> rows;  // of each rate; all groups have the same rates in the same order
  std::vector<bool> defined;
  size_t next = 0;
  for (const Figure& figure : figures) {
    if (figure.column == Figure::kGap) continue;
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

Table gaps_table(const std::string& name, const std::vector<Figure>& figures, const Intervals& intervals) {
  Table table{.name = "gaps by " + name, .columns = {"measure", "definition", "value"}, .rows = {}};
  for (const Figure& figure : figures) {
    if (figure.column != Figure::kGap || (!figure.value && figure.definition == "recur")) continue;
    table.rows.push_back({figure.measure, figure.definition, with_interval(figure, intervals)});
  }
  return table;
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

bool is_defined_somewhere(const std::vector<Figure>& figures, const std::string& measure) {
  return std::ranges::any_of(figures, [&](const Figure& each) { return each.measure == measure && each.value; });
}

// Collects the figures of comparison after comparison.
class Figures {
 public:
  Figures(Audit& out, const AuditOptions& options, bool by_time) : out_(out), options_(options), by_time_(by_time) {
    out_.figures = {.name = "figures",
                    .columns = {"grouping", "group", "measure", "definition", "value", "low", "high", "records"},
                    .rows = {}};
    if (by_time_) out_.figures.columns.emplace_back("time");
  }

  void add(const Decisions& decisions, const Grouping& grouping, std::optional<double> time) {
    const Comparison comparison(decisions, grouping, privileged_of(grouping, options_.privileged));
    const std::vector<Figure> figures = comparison.figures(all_of(decisions.size()));
    const Intervals intervals = intervals_of(comparison, decisions.size(), options_.bootstrap);
    for (const Figure& figure : figures) {
      // Of alarms there is no loss, and their scores are no probabilities.
      if (!time || is_defined_somewhere(figures, figure.measure)) add_row(grouping.name, figure, intervals, time);
    }
    const std::string name = time ? fmt::format("{}, alarms raised until {}", grouping.name, *time) : grouping.name;
    out_.tables.push_back(rates_table(name, figures, intervals));
    out_.tables.push_back(gaps_table(name, figures, intervals));
  }

 private:
  void add_row(const std::string& grouping, const Figure& figure, const Intervals& intervals,
               std::optional<double> time) {
    const auto found = intervals.find(key_of(figure));
    const bool known = found != intervals.end();
    out_.figures.rows.push_back({grouping, figure.group, figure.measure, figure.definition, cell_of(figure.value),
                                 cell_of(known ? std::optional(found->second.first) : std::nullopt),
                                 cell_of(known ? std::optional(found->second.second) : std::nullopt),
                                 figure.column == Figure::kGap ? TableCell(std::string()) : TableCell(figure.records)});
    if (by_time_) out_.figures.rows.back().push_back(cell_of(time));
  }

  Audit& out_;
  const AuditOptions& options_;
  bool by_time_;
};

}  // namespace

Audit audit(const Decisions& decisions, const AuditOptions& options) {
  std::vector<Grouping> groupings = decisions.groupings;
  check_privileged(groupings, options.privileged);
  if (options.intersections && groupings.size() > 1) groupings.push_back(intersection(decisions.groupings));
  Audit out;
  if (!options.privileged.empty() && !decides(decisions.records)) {
    fail_usage("privileged: compares decisions, and this model makes none");
  }
  add_notes_of_lacks(out.notes, decisions.records);
  Figures figures(out, options, !decisions.by_time.empty());
  for (const Grouping& grouping : groupings) {
    if (grouping.groups.size() < 2) {
      fail("groups: {}: expected two groups or more, got {}", grouping.name,
           grouping.groups.empty() ? "none" : "'" + grouping.groups[0] + "' alone");
    }
    add_notes(out.notes, grouping);
    figures.add(decisions, grouping, {});
    for (const TimedDecisions& timed : decisions.by_time) {
      figures.add({.records = timed.records, .groupings = {}, .measures = timed.measures}, grouping, timed.time);
    }
  }
  return out;
}

}  // namespace recur
