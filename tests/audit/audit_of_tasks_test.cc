// Audits of models: the decisions and metrics of their tasks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/audit/audit.h"
#include "recur/audit/read_decisions.h"
#include "tests/support/throws.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::HasSubstr;

std::string groups_of(int64_t records, const char* text) {
  std::string out = text;
  for (int64_t i = 0; i < records; ++i) out += fmt::format("{}\n", i % 2 == 0 ? "odd" : "even");
  return out;
}

TEST(AuditOfATask, ComparesItsMetricsAndRefusesWhatNeedsDecisions) {
  const TaughtTiny taught(tiny_of("tag"));
  const DataFiles data{DataFile(taught.file)};
  const DataFile groups = DataFile::from_memory("groups.csv", groups_of(11, "place\n"));
  const Trained& model = taught.trained();
  const ReadDecisions read = read_decisions(model, data, groups, {.groups = {"place"}});
  std::vector<std::string> figures;
  for (const auto& row : audit(read.decisions, {.bootstrap = {.samples = 20}}).figures.rows) {
    if (!std::holds_alternative<double>(row[4])) continue;
    figures.push_back(text_of(row[1]) + "/" + text_of(row[2]));
  }
  EXPECT_THAT(figures, Contains("odd/accuracy"));
  EXPECT_THAT(figures, Contains("/accuracy_difference"));
  EXPECT_THAT(figures, Contains("/loss_difference"));
  EXPECT_ERROR(read_decisions(model, data, groups, {.groups = {"place"}, .positive = "O"}),
               "positive: this model makes no");
  const DecisionOptions high{.groups = {"place"}, .threshold = 0.5};
  EXPECT_ERROR(read_decisions(model, data, groups, high), "threshold: this model makes no");
}

TEST(AuditOfATask, AnomaliesAreDecisions) {
  const TaughtTiny taught(tiny_of("detect"));
  const DataFile groups = DataFile::from_memory("groups.csv", groups_of(75, "half\n"));
  const ReadDecisions read = read_decisions(taught.trained(), {DataFile(taught.file)}, groups, {.groups = {"half"}});
  EXPECT_EQ(read.decisions.size(), 75);
  EXPECT_TRUE(read.decisions.records[8].actual.value());
  EXPECT_FALSE(read.decisions.records[0].actual.value());
  EXPECT_TRUE(read.decisions.records[0].score.has_value());
  EXPECT_FALSE(read.decisions.probabilities);
  EXPECT_ERROR(fit_group_thresholds(read, {.groups = {"half"}}), "equalize: expected a model that gives probabilities");
}

TEST(AuditOfATask, ManyClassesAreComparedByAccuracyOrOneAgainstTheOthers) {
  const TaughtTiny taught({"classes", "classify", "a.jsonl", tiny_classes, {"batch=4", "hidden=4", "network=rnn"}});
  const DataFiles data{DataFile(taught.file)};
  const DataFile groups = DataFile::from_memory("groups.csv", groups_of(32, "half\n"));
  const Trained& model = taught.trained();
  const ReadDecisions all = read_decisions(model, data, groups, {.groups = {"half"}});
  EXPECT_EQ(all.decisions.measures.size(), 2u);
  EXPECT_THAT(all.notes, Contains(HasSubstr("of the 8 classes are compared")));
  for (const Table& table : audit(all.decisions, {.bootstrap = {.samples = 20}}).tables) {
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size()) << table.name;
  }
  const ReadDecisions one = read_decisions(model, data, groups, {.groups = {"half"}, .positive = "c3"});
  EXPECT_TRUE(one.decisions.measures.empty());
  EXPECT_TRUE(one.decisions.records[0].chosen.has_value());
  const DecisionOptions odd{.groups = {"half"}, .positive = "c3", .threshold = 1.5};
  EXPECT_ERROR(read_decisions(model, data, groups, odd), "threshold: expected a probability");
  EXPECT_ERROR(read_decisions(model, data, groups, {.groups = {"half"}, .label = "c3"}), "label: this model makes no");
}

TEST(AuditOfATask, AlarmsOfADiagnosisByTime) {
  const TaughtTiny taught(tiny_of("diagnose"));
  const DataFiles data{DataFile(taught.file)};
  const DataFile groups = DataFile::from_memory("groups.csv", groups_of(13, "half\n"));
  const DecisionOptions how{.groups = {"half"}, .label = "ill", .threshold = 0, .times = {1, 3}};
  const ReadDecisions read = read_decisions(taught.trained(), data, groups, how);
  ASSERT_EQ(read.decisions.by_time.size(), 2u);
  EXPECT_EQ(read.decisions.by_time[1].records.size(), 13u);
  const Audit found = audit(read.decisions, {.bootstrap = {.samples = 0}});
  std::vector<std::string> names;
  for (const Table& table : found.tables) names.push_back(table.name);
  EXPECT_THAT(names, ::testing::ElementsAre("by half", "gaps by half", "by half, alarms raised until 1",
                                            "gaps by half, alarms raised until 1", "by half, alarms raised until 3",
                                            "gaps by half, alarms raised until 3"));
  EXPECT_EQ(found.figures.columns.back(), "time");
  bool has_lead = false;
  for (const auto& row : found.figures.rows) {
    ASSERT_EQ(row.size(), found.figures.columns.size());
    has_lead = has_lead || (text_of(row[2]) == "lead" && std::get<double>(row.back()) == 3);
    // From the threshold 0 on every record has its alarm in the first step.
    if (text_of(row[2]) == "selection_rate") {
      EXPECT_EQ(std::get<double>(row[4]), 1);
    }
  }
  EXPECT_TRUE(has_lead);
  EXPECT_ERROR(read_decisions(taught.trained(), data, groups, {.groups = {"half"}, .label = "ill", .times = {9}}),
               "times: expected from 1, when the first step ends, to 4");
  // Some answers are unknown: their decisions count all the same.
  const ReadDecisions some = read_decisions(taught.trained(), data, groups, {.groups = {"half"}, .label = "tested"});
  EXPECT_EQ(some.decisions.size(), 13u);
  EXPECT_THAT(audit(some.decisions, {.bootstrap = {.samples = 0}}).notes,
              Contains(HasSubstr("without a label are left out")));
  EXPECT_ERROR(read_decisions(taught.trained(), data, groups, {.groups = {"half"}}), "which of the model's labels?");
  EXPECT_ERROR(read_decisions(taught.trained(), data, groups, {.groups = {"half"}, .label = "x"}),
               "the model has no 'x'; labels: ill, tested");
  const TaughtTiny waves(tiny_of("detect"));
  const DataFile halves = DataFile::from_memory("groups.csv", groups_of(75, "half\n"));
  EXPECT_ERROR(read_decisions(waves.trained(), {DataFile(waves.file)}, halves, {.groups = {"half"}, .times = {1}}),
               "times: expected a model that warns early");
}

}  // namespace
}  // namespace recur
