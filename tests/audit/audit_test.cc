#include "recur/audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "recur/audit/read_decisions.h"
#include "recur/data/tables/cell_columns.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

std::string golden(const std::string& name) { return std::string(RECUR_TEST_DATA) + "/golden/" + name; }

DecisionOptions golden_columns() {
  return {.groups = {"group"}, .label = "actual", .prediction = "chosen", .score = "score"};
}

std::string cell(const TableCell& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return std::visit(
      [](const auto& v) {
        std::ostringstream out;
        out.precision(17);
        out << v;
        return out.str();
      },
      value);
}

// By group, definition and measure.
std::map<std::string, double> values_of(const Table& figures) {
  std::map<std::string, double> out;
  for (const auto& row : figures.rows) {
    const auto* value = std::get_if<double>(&row[4]);
    if (value != nullptr) out[cell(row[1]) + "/" + cell(row[3]) + "/" + cell(row[2])] = *value;
  }
  return out;
}

TEST(Audit, MeasuresAsFairlearnAif360AndScikitLearnDo) {
  const ReadDecisions read = read_decisions(DataFile(golden("audit_decisions.csv")), golden_columns());
  const auto ours = values_of(audit(read.decisions, {.privileged = {"group=a"}, .bootstrap = {.samples = 0}}).figures);
  const CellColumns theirs =
      read_columns(DataFile(golden("audit.csv")), {}, {"group", "definition", "measure", "value"});
  ASSERT_EQ(theirs.lines.size(), 54u);
  for (size_t i = 0; i < theirs.lines.size(); ++i) {
    const std::string key =
        theirs.at("group").cells[i] + "/" + theirs.at("definition").cells[i] + "/" + theirs.at("measure").cells[i];
    ASSERT_TRUE(ours.contains(key)) << key;
    EXPECT_NEAR(ours.at(key), std::stod(theirs.at("value").cells[i]), 1e-12) << key;
  }
}

Decision decided(bool chosen, bool actual) { return {.chosen = chosen, .actual = actual}; }

// Two groups of two, of which b has nobody who is positive in truth.
Decisions small() {
  const std::vector<std::string> groups{"a", "a", "b", "b"};
  return {.records = {decided(true, true), decided(false, false), decided(true, false), decided(false, false)},
          .groupings = {group_by("of", groups)}};
}

TEST(Audit, WhatHasNothingToMeasureIsUndefinedAndNotZero) {
  const Audit result = audit(small(), {.bootstrap = {.samples = 0}});
  const auto values = values_of(result.figures);
  EXPECT_EQ(values.at("a//true_positive_rate"), 1);
  EXPECT_FALSE(values.contains("b//true_positive_rate"));
  EXPECT_EQ(values.at("b//false_positive_rate"), 0.5);
  EXPECT_EQ(values.at("b//precision"), 0);
  EXPECT_FALSE(values.contains("a//auc"));
  // One group alone has a true positive rate: there is no gap of it, and so none of the odds.
  EXPECT_FALSE(values.contains("/fairlearn/equal_opportunity_difference"));
  EXPECT_FALSE(values.contains("/fairlearn/equalized_odds_difference"));
  EXPECT_EQ(values.at("/fairlearn/demographic_parity_difference"), 0);
  EXPECT_THAT(result.notes, ::testing::Contains(::testing::HasSubstr("'a' has 2 records")));
}

TEST(Audit, IntervalsHoldTheValueAndShrinkWithMoreRecords) {
  const ReadDecisions read = read_decisions(DataFile(golden("audit_decisions.csv")), golden_columns());
  Decisions many = read.decisions;
  for (int i = 0; i < 3; ++i) {
    many.records.insert(many.records.end(), read.decisions.records.begin(), read.decisions.records.end());
    auto& group = many.groupings[0].group_of;
    const auto& once = read.decisions.groupings[0].group_of;
    group.insert(group.end(), once.begin(), once.end());
  }
  const auto width_of_all = [](const Decisions& decisions) {
    double width = 0;
    for (const auto& row : audit(decisions, {.bootstrap = {.samples = 100}}).figures.rows) {
      if (cell(row[2]) != "accuracy") continue;
      const double value = std::get<double>(row[4]), low = std::get<double>(row[5]), high = std::get<double>(row[6]);
      EXPECT_LE(low, value);
      EXPECT_GE(high, value);
      if (cell(row[1]) == "all") width = high - low;
    }
    return width;
  };
  const double few = width_of_all(read.decisions);
  EXPECT_NEAR(few, 2 * 1.96 * std::sqrt(0.76 * 0.24 / 400), 0.025);  // of a share of 400
  EXPECT_NEAR(width_of_all(many) / few, 0.5, 0.15);
}

TEST(Audit, IntersectionsAreGroupsOfTheirOwn) {
  Decisions decisions = small();
  const std::vector<std::string> second{"x", "y", "x", ""};
  decisions.groupings.push_back(group_by("by", second));
  const Audit result = audit(decisions, {.bootstrap = {.samples = 0}});
  std::map<std::string, int64_t> records;
  for (const auto& row : result.figures.rows)
    if (cell(row[0]) == "of & by" && !cell(row[1]).empty()) records[cell(row[1])] = std::get<int64_t>(row[7]);
  EXPECT_EQ(records, (std::map<std::string, int64_t>{{"a & x", 1}, {"a & y", 1}, {"b & x", 1}, {"all", 3}}));
  EXPECT_THAT(result.notes, ::testing::Contains("by: 1 of 4 records have no group and are left out"));
  EXPECT_EQ(audit(decisions, {.intersections = false, .bootstrap = {.samples = 0}}).tables.size(), 4u);
}

TEST(Audit, AGroupOfOneHasNoIntervalsAndOneCalledAllIsNotAllRecords) {
  Decisions decisions = small();
  decisions.groupings = {group_by("of", std::vector<std::string>{"all", "b", "b", "b"})};
  const Audit result = audit(decisions, {.bootstrap = {.samples = 20}});
  std::map<std::string, bool> has_interval;
  for (const auto& row : result.figures.rows)
    if (cell(row[2]) == "selection_rate") has_interval[cell(row[1])] = std::holds_alternative<double>(row[5]);
  EXPECT_EQ(has_interval, (std::map<std::string, bool>{{"all", false}, {"b", true}, {"all records", true}}));
  const Table& rates = result.tables[0];
  EXPECT_EQ(rates.columns, (std::vector<std::string>{"rate", "all", "b", "all records"}));
  for (const auto& row : rates.rows) EXPECT_EQ(row.size(), rates.columns.size());
}

TEST(Audit, WithoutDecisionsThereAreNoRatesOfThem) {
  Decisions decisions = small();
  for (Decision& record : decisions.records) record = {.loss = 0.5};
  decisions.measures = {{"accuracy", [](std::span<const int64_t> which) {
                           return std::optional<double>(static_cast<double>(which.size()));
                         }}};
  for (const int64_t samples : {0, 20}) {
    const Audit result = audit(decisions, {.bootstrap = {.samples = samples}});
    std::set<std::string> measures;
    for (const auto& row : result.figures.rows) measures.insert(cell(row[2]));
    EXPECT_EQ(measures, (std::set<std::string>{"loss", "accuracy", "loss_difference", "accuracy_difference"}));
    for (const Table& table : result.tables) {
      for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
    }
  }
  EXPECT_ERROR(audit(decisions, {.privileged = {"of=a"}}), "privileged: compares decisions");
}

TEST(Audit, SaysHowManyRecordsLackWhatRatesNeed) {
  Decisions decisions = small();
  decisions.records[0].chosen = {};
  decisions.records[1].actual = {};
  decisions.records[2].score = 0.5;
  const Audit result = audit(decisions, {.bootstrap = {.samples = 0}});
  EXPECT_THAT(result.notes, ::testing::IsSupersetOf(
                                {"1 record without a decision is left out of all rates and gaps, which count decided "
                                 "records",
                                 "1 record without a label is left out of all rates but the selection rate and the "
                                 "loss",
                                 "1 record without a score is left out of AUC, calibration error, Brier score and log "
                                 "loss"}));
}

TEST(Audit, AGapThatRestsOnOneRecordHasNoInterval) {
  Decisions decisions = small();
  for (int i = 0; i < 3; ++i) decisions.records.push_back(decided(i > 0, i > 1));
  const auto has_interval = [&](const std::vector<std::string>& groups) {
    decisions.groupings = {group_by("of", groups)};
    for (const auto& row : audit(decisions, {.bootstrap = {.samples = 50}}).figures.rows) {
      if (cell(row[2]) == "demographic_parity_difference") return std::holds_alternative<double>(row[5]);
    }
    return false;
  };
  EXPECT_TRUE(has_interval({"a", "a", "a", "b", "b", "b", "b"}));
  EXPECT_FALSE(has_interval({"a", "b", "b", "b", "b", "b", "b"}));
}

TEST(Audit, ARateThatNoResampleChangesHasNoInterval) {
  Decisions decisions = small();
  for (int i = 0; i < 4; ++i) decisions.records.push_back(decided(i > 1, false));
  const std::vector<std::string> groups{"a", "a", "b", "b", "a", "b", "a", "b"};
  decisions.groupings = {group_by("of", groups)};
  std::map<std::string, bool> has_interval;
  for (const auto& row : audit(decisions, {.bootstrap = {.samples = 50}}).figures.rows) {
    if (cell(row[1]) == "a") has_interval[cell(row[2])] = std::holds_alternative<double>(row[5]);
  }
  EXPECT_FALSE(has_interval.at("true_positive_rate"));  // of the one record that is positive in truth
  EXPECT_TRUE(has_interval.at("false_positive_rate"));
}

TEST(Audit, RefusesWhatCannotBeCompared) {
  Decisions one = small();
  one.groupings[0] = group_by("of", std::vector<std::string>(4, "a"));
  EXPECT_ERROR(audit(one, {}), "of: expected two groups or more, got 'a' alone");
  EXPECT_ERROR(audit(small(), {.privileged = {"of=c"}}), "of has no group 'c'; groups: a, b");
  EXPECT_ERROR(audit(small(), {.privileged = {"other=a"}}), "'other' is not one of the groups");
  EXPECT_ERROR(audit(small(), {.privileged = {"a"}}), "expected COLUMN=GROUP");
}

}  // namespace
}  // namespace recur
