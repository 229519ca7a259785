#include "recur/tasks/diagnose/early_warning.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"
#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;

float logit(double probability) { return static_cast<float>(std::log(probability / (1 - probability))); }

// One label; each record is its probabilities by step and its answer.
struct Records {
  void add(const std::vector<double>& probabilities, float answer) {
    std::vector<float>& of_record = logits.emplace_back();
    for (const double p : probabilities) of_record.push_back(logit(p));
    records.push_back({.values = {}, .statics = {}, .steps = std::ssize(probabilities)});
    examples.records = dataset_of(records);
    examples.answers.push_back(answer);
  }
  DiagnoseScores scores() const {
    DiagnoseScores out(1, lengths_of(*examples.records));
    for (size_t i = 0; i < logits.size(); ++i) out.set_record(static_cast<int64_t>(i), logits[i]);
    return out;
  }
  std::vector<EncodedRecord> records;
  std::vector<std::vector<float>> logits;
  DiagnoseExamples examples{.records = {}, .answers = {}, .labels = 1};
};

LabelSet one_label() {
  SequenceSet set = record_set(1);
  set.labels = {"death"};
  return LabelSet::of(set, {});
}

double number(const TableCell& cell) { return std::get<double>(cell); }

TEST(WarningTable, SaysHowLongBeforeTheEndAnAlarmRings) {
  Records r;
  r.add({0.1, 0.7, 0.9, 0.9}, 1);  // rings from 0.7 on: 2 steps before the last
  r.add({0.1, 0.2, 0.9, 0.3}, 1);  // rings once, 1 step before
  r.add({0.1, 0.2, 0.3, 0.3}, 1);  // never
  for (int i = 0; i < 9; ++i) r.add({0.1, 0.4, 0.1}, 0);
  r.add({0.65, 0.1}, 0);
  const Table table = warning_table(r.scores(), r.examples, one_label(), 0.5);
  ASSERT_EQ(table.rows.size(), 4u);
  const auto& none = table.rows[0];  // at most 1 % of 10: none
  EXPECT_EQ(std::get<std::string>(none[0]), "death");
  EXPECT_EQ(number(none[1]), 0);
  EXPECT_NEAR(number(none[2]), 0.65, 1e-6);
  EXPECT_NEAR(number(none[3]), 2.0 / 3, 1e-12);
  EXPECT_EQ(number(none[4]), 1);
  EXPECT_EQ(number(none[5]), 0.75);   // between 1 and 2 steps, of half a unit each
  const auto& tenth = table.rows[2];  // one of ten may ring
  EXPECT_NEAR(number(tenth[1]), 0.1, 1e-12);
  EXPECT_NEAR(number(tenth[2]), 0.4, 1e-6);
  EXPECT_NEAR(number(tenth[4]), 2.0 / 3, 1e-12);
}

TEST(WarningTable, LeavesOutALabelOfOneAnswerAlone) {
  Records r;
  r.add({0.5}, 1);
  EXPECT_TRUE(warning_table(r.scores(), r.examples, one_label(), 1).rows.empty());
  r.add({0.5}, kNone);
  EXPECT_TRUE(warning_table(r.scores(), r.examples, one_label(), 1).rows.empty());
}

TEST(AlarmsByTime, CountsWhatRangUntilThen) {
  Records r;
  r.add({0.1, 0.7, 0.9, 0.2}, 1);  // rings at its second step, 2 before the last
  r.add({0.1, 0.2}, 0);            // never; ends before the others
  r.add({0.1, 0.2, 0.9}, 1);       // rings at its last
  r.add({0.9, 0.9, 0.9}, kNone);   // nobody knows
  const std::vector<double> times{0.5, 1, 1.7, 2};
  const auto alarms = alarms_by_time(r.scores(), r.examples, 0, 0.6, 0.5, times);
  ASSERT_EQ(alarms.size(), 4u);
  const auto chosen = [&](size_t i) {
    std::vector<bool> out;
    for (const Decision& record : alarms[i].records) out.push_back(*record.chosen);
    return out;
  };
  EXPECT_EQ(chosen(0), (std::vector{false, false, false, true}));
  EXPECT_EQ(chosen(1), (std::vector{true, false, false, true}));
  EXPECT_EQ(chosen(2), (std::vector{true, false, true, true}));
  EXPECT_EQ(chosen(3), (std::vector{true, false, true, true}));
  EXPECT_FALSE(alarms[3].records[3].actual.has_value());
  EXPECT_NEAR(*alarms[3].records[0].score, 0.9, 1e-6);
  EXPECT_FALSE(*alarms[3].records[1].actual);
  const auto lead = [&](size_t i) { return alarms[i].measures.at(0).of(std::vector<int64_t>{0, 1, 2, 3}); };
  EXPECT_FALSE(lead(0).has_value());
  EXPECT_EQ(lead(1), 1);
  EXPECT_EQ(lead(3), 0.5);  // between 2 steps and none
  EXPECT_EQ(alarms[3].measures.at(0).of(std::vector<int64_t>{2}), 0);
}

TEST(AlarmsByTime, RefusesTimesWithoutAStep) {
  Records r;
  r.add({0.1, 0.7}, 1);
  const auto at = [&](double time) { return alarms_by_time(r.scores(), r.examples, 0, 0.5, 6, std::vector{time}); };
  EXPECT_ERROR(at(5), "times: expected from 6, when the first step ends, to 12");
  EXPECT_ERROR(at(18), "to 12, when the longest record ends, got 18");
  EXPECT_ERROR(at(1e300), "got 1e+300");
  EXPECT_ERROR(at(12.1), "got 12.1");
  EXPECT_EQ(at(12).at(0).records.size(), 1u);
}

TEST(StepTable, MeasuresWhatIsPredictedAtEachStep) {
  Records r;
  r.add({0.2, 0.9, 0.9}, 1);
  r.add({0.3, 0.4}, 0);
  r.add({0.1, 0.5}, 0);
  const Table table = step_table(r.scores(), r.examples, 2);
  ASSERT_EQ(table.rows.size(), 2u);  // one record alone has a third step
  EXPECT_EQ(number(table.rows[0][0]), 2);
  EXPECT_EQ(std::get<int64_t>(table.rows[0][1]), 3);
  EXPECT_EQ(number(table.rows[0][2]), 0.5);
  EXPECT_EQ(number(table.rows[1][2]), 1);
}

TEST(StepTable, ShowsSomeOfManySteps) {
  Records r;
  r.add(std::vector<double>(1000, 0.7), 1);
  r.add(std::vector<double>(1000, 0.3), 0);
  const Table table = step_table(r.scores(), r.examples, 1);
  EXPECT_LE(table.rows.size(), 48u);
  EXPECT_GE(table.rows.size(), 40u);
}

}  // namespace
}  // namespace recur
