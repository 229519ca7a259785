#include "recur/audit/read_decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "recur/audit/positive_label.h"
#include "recur/base/error.h"
#include "recur/data/files/string_map.h"
#include "recur/data/tables/cell_columns.h"
#include "recur/tasks/groups/read_groups.h"
#include "recur/tasks/kept_rows.h"

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

// Of the examples of a model, in the order of their numbers.
struct ModelRows {
  std::vector<std::string> ids;
  std::vector<Decision> records;
  std::vector<TaskMeasure> measures = {};
  bool probabilities = false;
  std::string positive, note;
};

void refuse(bool is_given, std::string_view option, std::string_view why) {
  if (is_given) fail_usage("{}: {}", option, why);
}
void refuse_threshold(const DecisionOptions& options, bool decided_by_group) {
  refuse(options.threshold && decided_by_group, "threshold", "the model decides by the thresholds of its groups");
  if (options.threshold && !(*options.threshold >= 0 && *options.threshold <= 1)) {
    fail_usage("threshold: expected a probability from 0 to 1, got {}", *options.threshold);
  }
}

// What thresholds by group decided, by the names of the records; empty where the model has none.
internal::StringMap<std::optional<bool>> decisions_in(const KeptRows& predicted) {
  internal::StringMap<std::optional<bool>> out;
  const std::optional<size_t> at = predicted.find("decision");
  if (!at) return out;
  for (const auto& row : predicted.rows()) {
    const std::optional<double> decision = number_of(row[*at]);
    out[text_of(row[0])] = decision ? std::optional(*decision != 0) : std::nullopt;
  }
  return out;
}

std::vector<std::string> classes_in(const KeptRows& predicted) {
  std::vector<std::string> classes;
  for (const std::string& name : predicted.names())
    if (name.starts_with("p.")) classes.push_back(name.substr(2));
  return classes;
}

ModelRows classified(const KeptRows& predicted, const KeptRows& examples, const DecisionOptions& options) {
  refuse(!options.label.empty(), "label", "this model has one label; --positive chooses the class that is audited");
  if (predicted.rows().size() != examples.rows().size()) {
    fail("audit: expected a label for each of {} predicted examples, got {}", predicted.rows().size(),
         examples.rows().size());
  }
  const PositiveLabel positive("the model", classes_in(predicted), options.positive);
  const size_t score = *predicted.find("p." + positive.name()), label = *predicted.find("label");
  const auto decided = decisions_in(predicted);
  refuse_threshold(options, !decided.empty());
  ModelRows out{.ids = {}, .records = {}, .probabilities = true, .positive = {}, .note = {}};
  for (size_t i = 0; i < examples.rows().size(); ++i) {
    const auto& truth = examples.rows()[i];
    const auto& guess = predicted.rows()[i];
    Decision record{.actual = positive(text_of(truth[*examples.find("label")])),
                    .score = number_of(guess[score]),
                    .loss = number_of(truth[*examples.find("loss")])};
    record.chosen = options.threshold ? *record.score >= *options.threshold : *positive(text_of(guess[label]));
    out.ids.push_back(text_of(truth[0]));
    if (const auto at = decided.find(out.ids.back()); at != decided.end()) record.chosen = at->second;
    out.records.push_back(record);
  }
  out.positive = positive.name();
  out.note = fmt::format("positive: '{}', where {}", positive.name(),
                         !decided.empty()    ? "the thresholds of its group say so"
                         : options.threshold ? fmt::format("its probability is {} or more", *options.threshold)
                                             : "it is the model's answer");
  return out;
}

ModelRows diagnosed(const KeptRows& predicted, const KeptRows& examples, const DecisionOptions& options) {
  const size_t label = *examples.find("label"), answer = *examples.find("answer");
  std::vector<std::string> labels;
  for (const auto& row : examples.rows()) {
    std::string name = text_of(row[label]);
    if (std::ranges::find(labels, name) == labels.end()) labels.push_back(std::move(name));
  }
  if (options.label.empty() && labels.size() > 1) {
    fail_usage("audit: which of the model's labels? Set label to it; labels: {}", fmt::join(labels, ", "));
  }
  const std::string name = options.label.empty() ? labels.at(0) : options.label;
  if (std::ranges::find(labels, name) == labels.end()) {
    fail_usage("label: the model has no '{}'; labels: {}", name, fmt::join(labels, ", "));
  }
  refuse(!options.positive.empty(), "positive", "a diagnosis is positive where its label holds; --label chooses it");
  const double threshold = options.threshold.value_or(0.5);
  const auto decided = decisions_in(predicted);
  refuse_threshold(options, !decided.empty());
  ModelRows out{.ids = {}, .records = {}, .probabilities = true, .positive = {}, .note = {}};
  for (const auto& row : examples.rows()) {
    if (text_of(row[label]) != name) continue;
    const double probability = *number_of(row[*examples.find("probability")]);
    out.ids.push_back(text_of(row[0]));
    out.records.push_back({.chosen = probability >= threshold,
                           .actual = *number_of(row[answer]) != 0,
                           .score = probability,
                           .loss = number_of(row[*examples.find("loss")])});
    if (const auto at = decided.find(out.ids.back()); at != decided.end()) out.records.back().chosen = at->second;
  }
  out.positive = name;
  out.note = decided.empty() ? fmt::format("positive: {}, where its probability is {} or more", name, threshold)
                             : fmt::format("positive: {}, where the thresholds of its group say so", name);
  return out;
}

// Steps or series that are anomalies, and those that were taken for some.
ModelRows detected(const KeptRows& examples, const DecisionOptions& options) {
  refuse(!options.label.empty(), "label", "this model has one label, whether there is an anomaly");
  refuse(!options.positive.empty(), "positive", "the positive decision is an anomaly");
  const size_t score = *examples.find("score"), anomaly = *examples.find("anomaly"), label = *examples.find("label");
  ModelRows out{.ids = {}, .records = {}, .positive = "anomalous", .note = {}};
  for (const auto& row : examples.rows()) {
    Decision record{.chosen = number_of(row[anomaly]) == 1.0, .score = number_of(row[score])};
    if (options.threshold) record.chosen = *record.score > *options.threshold;
    if (const std::string truth = text_of(row[label]); !truth.empty()) record.actual = truth == "anomalous";
    out.ids.push_back(text_of(row[0]));
    out.records.push_back(record);
  }
  out.note =
      "positive: an anomaly, where its score is above the threshold; a record is what has a score, a step or a series";
  return out;
}

// What has no positive decision: losses and the metrics of the task.
ModelRows measured(const Trained& model, const KeptRows& examples, const DecisionOptions& options) {
  constexpr std::string_view kWhy = "this model makes no positive or negative decisions";
  refuse(options.threshold.has_value(), "threshold", kWhy);
  refuse(!options.label.empty(), "label", kWhy);
  refuse(!options.positive.empty(), "positive", kWhy);
  const std::optional<size_t> loss = examples.find("loss");
  if (!loss) fail_usage("audit: {} gives no loss for each example, so there is nothing to compare", model.info().name);
  ModelRows out{.ids = {}, .records = {}, .positive = {}, .note = {}};
  for (const auto& row : examples.rows()) {
    out.ids.push_back(text_of(row[0]));
    out.records.push_back({.loss = number_of(row[*loss])});
  }
  out.measures = model.measures(examples);
  out.note = "the loss and the metrics of the task are compared: it makes no positive or negative decisions";
  return out;
}

ModelRows rows_of(const Trained& model, const DataFiles& data, const DecisionOptions& options) {
  KeptRows examples;
  model.evaluate(data, &examples);
  if (examples.rows().empty()) fail("audit: no example of the data has a label");
  const std::string& task = model.info().name;
  if (task == "detect") return detected(examples, options);
  if (task != "diagnose" && task != "classify") return measured(model, examples, options);
  KeptRows predicted;
  model.predict(data, predicted);
  if (task == "diagnose") return diagnosed(predicted, examples, options);
  const size_t classes = classes_in(predicted).size();
  if (classes == 2 || !options.positive.empty()) return classified(predicted, examples, options);
  ModelRows out = measured(model, examples, options);
  if (classes == 0) return out;
  out.note = fmt::format(
      "accuracy and macro F1 of the {} classes are compared; --positive CLASS compares the decisions "
      "for one of them against the others",
      classes);
  return out;
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
  ModelRows rows = rows_of(model, data, options);
  ReadGroups read = read_groups(
      groups, {.columns = options.groups, .bands = options.bands, .id = options.id, .table = options.table}, rows.ids);
  ReadDecisions out{.decisions = {.records = std::move(rows.records),
                                  .groupings = std::move(read.groupings),
                                  .measures = std::move(rows.measures),
                                  .probabilities = rows.probabilities},
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
