#include "recur/tasks/classify/classify_score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/tasks/classify/small_classifier.h"

namespace recur {
namespace {

using Labels = std::vector<std::string>;

ClassifyScores scores_of(const std::vector<std::vector<double>>& probabilities) {
  ClassifyScores scores{.values = {}, .outputs = std::ssize(probabilities[0])};
  for (const auto& row : probabilities) {
    for (const double p : row) scores.values.push_back(static_cast<float>(std::log(p)));
  }
  return scores;
}

ClassifyExamples examples_of(std::vector<float> targets) {
  ClassifyExamples examples;
  examples.sequences = dataset_of(std::vector<EncodedSequence>(targets.size()));
  examples.targets = std::move(targets);
  return examples;
}

TEST(ClassifyScore, MeasuresClassesAsCountedByHand) {
  const Targets targets = Targets::fit(Labels{"a", "b"}, "auto");
  const Evaluation result =
      measure(scores_of({{.9, .1}, {.6, .4}, {.3, .7}, {.8, .2}}), examples_of({0, 1, 1, 0}), targets);
  EXPECT_EQ(result.examples, 4);
  EXPECT_DOUBLE_EQ(result.at("accuracy"), 0.75);
  EXPECT_NEAR(result.at("loss"), -(std::log(.9) + std::log(.4) + std::log(.7) + std::log(.8)) / 4, 1e-6);
  // a: 2 hits, 1 false alarm; b: 1 hit, 1 miss.
  EXPECT_NEAR(result.at("macro_f1"), (0.8 + 2.0 / 3) / 2, 1e-9);
  EXPECT_NEAR(result.at("auc"), 1.0, 1e-9);  // both of b are above both of a
  const Table& confusion = result.tables[1];
  EXPECT_EQ(std::get<int64_t>(confusion.rows[1][1]), 1);  // of b, taken for a
  EXPECT_EQ(std::get<int64_t>(confusion.rows[1][2]), 1);
}

TEST(ClassifyScore, ALabelThatTheModelLacksIsItsErrorAndHasNoLoss) {
  const Targets targets = Targets::fit(Labels{"a", "b"}, "auto");
  ClassifyExamples examples = examples_of({0, 1, 2, 1});
  examples.lacking = {"new"};
  const Evaluation result = measure(scores_of({{.9, .1}, {.2, .8}, {.6, .4}, {.7, .3}}), examples, targets);
  EXPECT_EQ(result.examples, 4);
  EXPECT_DOUBLE_EQ(result.at("accuracy"), 0.5);
  EXPECT_NEAR(result.at("loss"), -(std::log(.9) + std::log(.8) + std::log(.3)) / 3, 1e-6);
  // a: 1 hit, 2 false alarms; b: 1 hit, 1 miss; new: 1 miss.
  EXPECT_NEAR(result.at("macro_f1"), (0.5 + 2.0 / 3 + 0) / 3, 1e-9);
  // a: .9 is above all of .2, .6, .7; b: .8 and .3 against .1 and .4.
  EXPECT_NEAR(result.at("auc"), (1.0 + 0.75) / 2, 1e-9);
  // Confidences .9 and .8 right, .6 and .7 wrong, a bin each.
  EXPECT_NEAR(result.at("calibration_error"), (.1 + .2 + .6 + .7) / 4, 1e-6);
  const Table& confusion = result.tables[1];
  EXPECT_EQ(confusion.columns, (std::vector<std::string>{"actual", "a", "b", "new"}));
  EXPECT_EQ(std::get<std::string>(confusion.rows[2][0]), "new");
  EXPECT_EQ(std::get<int64_t>(confusion.rows[2][1]), 1);
  EXPECT_EQ(std::get<int64_t>(confusion.rows[2][3]), 0);
}

TEST(ClassifyScore, HasNoAreaWhereOneClassAloneIsThere) {
  const Targets targets = Targets::fit(Labels{"a", "b"}, "auto");
  const Evaluation result = measure(scores_of({{.9, .1}, {.6, .4}}), examples_of({0, 0}), targets);
  EXPECT_FALSE(result.find("auc"));
  EXPECT_DOUBLE_EQ(result.at("accuracy"), 1);
}

TEST(ClassifyScore, MeasuresValuesInTheirOwnUnits) {
  const Targets targets = Targets::fit(Labels{"10.5", "20.5", "30.5"}, "auto");  // mean 20.5
  const double unit = targets.scale().scale;
  const auto encoded = [&](const char* label) { return targets.encode(label, ""); };
  const ClassifyScores scores{.values = {encoded("12.5"), encoded("20.5"), encoded("26.5")}, .outputs = 1};
  const Evaluation result = measure(scores, examples_of({encoded("10.5"), encoded("20.5"), encoded("30.5")}), targets);
  EXPECT_NEAR(result.at("mae"), 2, 1e-4);                          // of 2, 0 and 4
  EXPECT_NEAR(result.at("rmse"), std::sqrt(20.0 / 3), 1e-4);       // (4 + 0 + 16) / 3
  EXPECT_NEAR(result.at("loss"), 20.0 / 3 / (unit * unit), 1e-4);  // in squares of the deviation
  EXPECT_NEAR(result.at("r2"), 1 - 20.0 / 200, 1e-4);              // 10^2 + 0 + 10^2 around the mean
}

TEST(ClassifyScore, HasNoShareExplainedOfValuesThatAreAllTheSame) {
  const Targets targets = Targets::fit(Labels{"1.5", "2.5"}, "auto");
  const ClassifyScores scores{.values = {0.5f, 0.5f}, .outputs = 1};
  EXPECT_FALSE(measure(scores, examples_of({0, 0}), targets).find("r2"));
}

TEST(ClassifyScore, KeepsTheOrderOfExamplesWhateverTheirLengths) {
  Random random(1);
  ClassifyEnsemble model(testing::small_classifier("max"), {.text = false, .features = 1, .outputs = 2}, random);
  std::vector<EncodedSequence> sequences;
  for (const int64_t steps : {5, 1, 9, 3, 7}) {
    EncodedSequence sequence{.steps = steps, .features = 1};
    for (int64_t t = 0; t < steps; ++t) sequence.values.push_back(random.normal());
    sequences.push_back(std::move(sequence));
  }
  const ClassifyExamples examples{.sequences = dataset_of(std::move(sequences)), .targets = {}};
  const Targets targets = Targets::fit(Labels{"a", "b"}, "auto");
  const ClassifyScores alone = score(model, examples, targets, 1), together = score(model, examples, targets, 4);
  for (int64_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(alone.row(i)[0], together.row(i)[0], 1e-5) << i;
    EXPECT_NEAR(std::exp(alone.row(i)[0]) + std::exp(alone.row(i)[1]), 1, 1e-5);
  }
}

}  // namespace
}  // namespace recur
