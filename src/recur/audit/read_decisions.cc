#include "recur/audit/read_decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/tables/cell_columns.h"
#include "recur/tasks/groups/positive_label.h"
#include "recur/tasks/groups/read_groups.h"

namespace recur {
namespace {

std::vector<double> scores_of(const CellColumns& table, const std::string& name) {
  std::vector<double> out;
  for (size_t i = 0; i < table.lines.size(); ++i) {
    const std::string& cell = table.at(name).cells[i];
    const std::optional<double> score = cell.empty() ? NAN : parse_number(cell);
    if (!score) fail("{}:{}: {}: expected a number, got '{}'", table.file, table.lines[i], name, cell);
    out.push_back(*score);
  }
  return out;
}

bool are_probabilities(std::span<const double> scores) {
  return std::ranges::all_of(scores, [](double s) { return std::isnan(s) || (s >= 0 && s <= 1); });
}

// Throws UsageError where both columns have two answers at most, one of them never the positive one but one that the
// other column does not know: they are written differently, and nothing would be found right.
void check_written_alike(const CellColumn& label, const CellColumn& prediction, const std::string& positive) {
  using Answers = std::set<std::string>;
  const auto answers_of = [](const CellColumn& column) {
    Answers out(column.cells.begin(), column.cells.end());
    out.erase("");
    return out;
  };
  const Answers actual = answers_of(label), decided = answers_of(prediction);
  if (actual.size() > 2 || decided.size() > 2) return;
  const auto is_foreign = [&](const Answers& some, const Answers& others) {
    return !some.contains(positive) && !std::ranges::includes(others, some);
  };
  if (!is_foreign(actual, decided) && !is_foreign(decided, actual)) return;
  fail_usage("positive: expected the same answers in {} and {}, got {} and {}", label.name, prediction.name,
             fmt::join(actual, ", "), fmt::join(decided, ", "));
}

// The labels of both columns, where both are there.
std::vector<std::string> labels_of(const CellColumns& table, const DecisionOptions& options) {
  std::vector<std::string> out;
  for (const std::string& name : {options.label, options.prediction}) {
    if (name.empty()) continue;
    const CellColumn& column = table.at(name);
    out.insert(out.end(), column.cells.begin(), column.cells.end());
  }
  return out;
}

void check_groups(const DecisionOptions& options) {
  if (options.groups.empty()) fail_usage("groups: expected one column or more, got none");
  for (const std::string& name : options.groups) {
    if (std::ranges::count(options.groups, name) > 1) fail_usage("groups: '{}' is named twice", name);
  }
}

void check_options(const DecisionOptions& options) {
  check_groups(options);
  if (options.threshold && options.score.empty()) fail_usage("threshold: expected together with score, got none");
  if (options.threshold && !options.prediction.empty()) {
    fail_usage("threshold: expected threshold or prediction, got both");
  }
}

}  // namespace

ReadDecisions read_decisions(const DataFile& file, const DecisionOptions& options) {
  check_options(options);
  if (options.prediction.empty() && options.score.empty()) {
    fail_usage("audit: expected prediction or score, the column of decisions; columns: {}",
               fmt::join(column_names(file, options.table), ", "));
  }
  std::vector<std::string> names = options.groups;
  for (const std::string& name : {options.label, options.prediction, options.score})
    if (!name.empty()) names.push_back(name);
  CellColumns table = read_columns(file, options.table, names);
  ReadDecisions out{.decisions = {}, .notes = table.notes};
  const std::vector<double> scores = options.score.empty() ? std::vector<double>() : scores_of(table, options.score);
  out.decisions.probabilities = !scores.empty() && are_probabilities(scores);
  if (options.prediction.empty() && !options.threshold && !out.decisions.probabilities) {
    fail_usage("audit: {} is not a probability: set threshold to the lowest score with a positive decision",
               options.score);
  }
  const double threshold = options.threshold.value_or(0.5);
  const std::vector<std::string> labels = labels_of(table, options);
  std::optional<PositiveLabel> positive;
  if (!labels.empty()) positive.emplace(file.name(), labels, options.positive);
  if (!options.label.empty() && !options.prediction.empty()) {
    check_written_alike(table.at(options.label), table.at(options.prediction), positive->name());
  }
  for (size_t i = 0; i < table.lines.size(); ++i) {
    Decision record;
    if (!options.label.empty()) record.actual = (*positive)(table.at(options.label).cells[i]);
    if (!scores.empty() && !std::isnan(scores[i])) record.score = scores[i];
    if (!options.prediction.empty()) record.chosen = (*positive)(table.at(options.prediction).cells[i]);
    if (options.prediction.empty() && record.score) record.chosen = *record.score >= threshold;
    out.decisions.records.push_back(record);
  }
  for (const std::string& bands : options.bands) put_into_bands(table, bands);
  for (const std::string& name : options.groups) {
    out.decisions.groupings.push_back(checked_grouping(file.name(), table.at(name)));
  }
  if (positive) out.notes.push_back(fmt::format("positive: '{}'", positive->name()));
  if (options.prediction.empty()) out.notes.push_back(fmt::format("decided by {} >= {}", options.score, threshold));
  return out;
}

ReadDecisions read_decisions(const Trained& model, const DataFiles& data, const DataFile& groups,
                             const DecisionOptions& options) {
  check_groups(options);
  ModelDecisions rows = model.decisions(
      data,
      {.label = options.label, .positive = options.positive, .threshold = options.threshold, .times = options.times});
  ReadGroups read = read_groups(
      groups, {.columns = options.groups, .bands = options.bands, .id = options.id, .table = options.table}, rows.ids);
  ReadDecisions out{.decisions = {.records = std::move(rows.records),
                                  .groupings = std::move(read.groupings),
                                  .measures = std::move(rows.measures),
                                  .probabilities = rows.probabilities,
                                  .by_time = std::move(rows.by_time)},
                    .positive = std::move(rows.positive),
                    .notes = std::move(read.notes)};
  out.notes.push_back(rows.note);
  return out;
}

GroupThresholds fit_group_thresholds(const ReadDecisions& read, const DecisionOptions& options) {
  const std::vector<Grouping>& all = read.decisions.groupings;
  const Grouping whole = all.size() == 1 ? all[0] : intersection(all);
  Grouping known{.name = whole.name, .groups = whole.groups, .group_of = {}};
  std::vector<double> scores;
  std::vector<bool> positive;
  for (size_t i = 0; i < read.decisions.records.size(); ++i) {
    const Decision& record = read.decisions.records[i];
    if (!record.score || !record.actual) continue;
    scores.push_back(*record.score);
    positive.push_back(*record.actual);
    known.group_of.push_back(whole.group_of[i]);
  }
  if (scores.empty() || !read.decisions.probabilities) {
    fail_usage(
        "equalize: expected a model that gives probabilities of an answer, as classify (with more than two classes "
        "by --positive) and diagnose do");
  }
  GroupThresholds thresholds = equalize_odds(scores, positive, known);
  thresholds.columns = options.groups;
  thresholds.bands = options.bands;
  thresholds.positive = read.positive;
  return thresholds;
}

}  // namespace recur
