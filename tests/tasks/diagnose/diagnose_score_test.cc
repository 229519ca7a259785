#include "recur/tasks/diagnose/diagnose_score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/tasks/diagnose/record_sets.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// Two labels; records of two, one and one steps.
struct ScoreCase {
  ScoreCase() {
    set.labels = {"a", "b"};
    for (int i = 0; i < 3; ++i) add_record(set, {5}, {1});
    labels = LabelSet::of(set, {});
    examples.labels = 2;
    const std::vector<std::vector<float>> logits{{-3, -3, 2, 1}, {-1, 100}, {0.5f, -100}};
    for (size_t i = 0; i < logits.size(); ++i) scores.set_record(static_cast<int64_t>(i), logits[i]);
    examples.answers = {1, 0, 0, 1, 1, kNone};
    std::vector<EncodedRecord> records;
    for (const int64_t steps : {2, 1, 1}) records.push_back({.values = {}, .statics = {}, .steps = steps});
    examples.records = dataset_of(std::move(records));
  }
  SequenceSet set = record_set(1);
  std::optional<LabelSet> labels;
  DiagnoseScores scores{2, std::vector<int64_t>{2, 1, 1}};
  DiagnoseExamples examples;
};

TEST(DiagnoseScore, TakesTheLastStepOrThatAskedFor) {
  const ScoreCase c;
  const LabelScores last = last_step(c.scores, c.examples), second = at_step(c.scores, c.examples, 1);
  EXPECT_EQ(last.examples(), 3);
  EXPECT_NEAR(last.probabilities[0], 1 / (1 + std::exp(-2.0)), 1e-12);
  EXPECT_EQ(second.examples(), 1);
  EXPECT_EQ(second.probabilities[0], last.probabilities[0]);
  EXPECT_EQ(at_step(c.scores, c.examples, 2).examples(), 0);
}

TEST(DiagnoseScore, LossIsExactForLargeLogitsAndLeavesOutWhatIsNotKnown) {
  const ScoreCase c;
  const double want = (std::log1p(std::exp(-2.0)) + std::log1p(std::exp(1.0)) + std::log1p(std::exp(-1.0)) + 0 +
                       std::log1p(std::exp(-0.5))) /
                      5;
  EXPECT_NEAR(measure(c.scores, c.examples, *c.labels).at("loss"), want, 1e-9);
}

TEST(DiagnoseScore, ThresholdsAreFoundForEachLabel) {
  const ScoreCase c;
  const std::vector<double> thresholds = best_thresholds(last_step(c.scores, c.examples));
  ASSERT_EQ(thresholds.size(), 2u);
  EXPECT_GT(thresholds[0], 1 / (1 + std::exp(1.0)));
  EXPECT_LT(thresholds[0], 1 / (1 + std::exp(-0.5)));
  EXPECT_GT(thresholds[1], 1 / (1 + std::exp(-1.0)));
}

TEST(DiagnoseScore, TheTableOfLabelsSaysWhatHasNoAuc) {
  ScoreCase c;
  c.examples.answers = {1, 0, 0, 0, 1, kNone};
  const Table table = label_table(last_step(c.scores, c.examples), *c.labels);
  EXPECT_EQ(std::get<double>(table.rows[0][3]), 1);
  EXPECT_EQ(std::get<int64_t>(table.rows[1][1]), 2);
  EXPECT_EQ(std::get<std::string>(table.rows[1][3]), "none");
}

TEST(DiagnoseScore, PredictionsOfEveryStepSayWhenItEnds) {
  const ScoreCase c;
  const GridOptions grid{.step = 2};
  Kept every, last;
  write_predictions(c.set, c.scores, *c.labels, &grid, every);
  write_predictions(c.set, c.scores, *c.labels, nullptr, last);
  EXPECT_EQ(every.names(), (std::vector<std::string>{"id", "time", "p.a", "p.b"}));
  ASSERT_EQ(every.rows().size(), 4u);
  EXPECT_EQ(std::get<std::string>(every.rows()[1][1]), "9");
  EXPECT_EQ(last.rows().size(), 3u);
  EXPECT_EQ(last.rows()[0][1], every.rows()[1][2]);
}

}  // namespace
}  // namespace recur
