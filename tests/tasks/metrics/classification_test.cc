#include "recur/tasks/metrics/classification.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(BinaryCounts, RatiosFollowTheirDefinitions) {
  BinaryCounts counts{.hits = 6, .false_alarms = 2, .misses = 4};
  EXPECT_DOUBLE_EQ(counts.precision(), 0.75);
  EXPECT_DOUBLE_EQ(counts.recall(), 0.6);
  EXPECT_DOUBLE_EQ(counts.f1(), 2 * 0.75 * 0.6 / (0.75 + 0.6));
  counts.add(true, true);
  counts.add(true, false);
  counts.add(false, true);
  counts.add(false, false);
  EXPECT_EQ(counts.hits, 7);
  EXPECT_EQ(counts.false_alarms, 3);
  EXPECT_EQ(counts.misses, 5);
}

TEST(BinaryCounts, RatiosOfNothingAreZero) {
  EXPECT_EQ(BinaryCounts{}.precision(), 0);
  EXPECT_EQ(BinaryCounts{}.recall(), 0);
  EXPECT_EQ(BinaryCounts{}.f1(), 0);
  EXPECT_EQ(macro_f1({}), 0);
  EXPECT_EQ(micro_f1({}), 0);
}

TEST(F1, MacroWeighsLabelsAndMicroDecisions) {
  const std::vector<BinaryCounts> labels{{.hits = 90, .false_alarms = 10}, {.misses = 10}};
  EXPECT_DOUBLE_EQ(macro_f1(labels), (180.0 / 190) / 2);
  EXPECT_DOUBLE_EQ(micro_f1(labels), 0.9);
}

TEST(F1, ALabelNeitherThereNorPredictedDoesNotCount) {
  const std::vector<BinaryCounts> labels{{.hits = 3}, {}};
  EXPECT_DOUBLE_EQ(macro_f1(labels), 1);
}

TEST(ConfusionMatrix, CountsPairsAndGivesEachClassItsCounts) {
  ConfusionMatrix matrix(3);
  for (const auto& [actual, predicted] : {std::pair{0, 0}, {0, 0}, {0, 1}, {1, 1}, {2, 0}})
    matrix.add(actual, predicted);
  EXPECT_EQ(matrix.total(), 5);
  EXPECT_EQ(matrix.at(0, 0), 2);
  EXPECT_EQ(matrix.at(2, 0), 1);
  EXPECT_DOUBLE_EQ(matrix.accuracy(), 0.6);
  const auto counts = matrix.by_class();
  EXPECT_EQ(counts[0].hits, 2);
  EXPECT_EQ(counts[0].misses, 1);
  EXPECT_EQ(counts[0].false_alarms, 1);
  EXPECT_EQ(counts[2].misses, 1);
  EXPECT_DOUBLE_EQ(micro_f1(counts), matrix.accuracy());  // always so with one label an example
}

TEST(ConfusionMatrix, OfNothingIsZero) {
  EXPECT_EQ(ConfusionMatrix(2).accuracy(), 0);
  EXPECT_EQ(ConfusionMatrix(2).total(), 0);
}

TEST(CalibrationError, IsTheDistanceOfConfidenceAndAccuracy) {
  CalibrationError error;
  EXPECT_EQ(error.value(), 0);
  for (int i = 0; i < 10; ++i) error.add(0.9, i < 7);
  EXPECT_NEAR(error.value(), 0.2, 1e-12);
  for (int i = 0; i < 10; ++i) error.add(0.6, i < 6);  // another bin, well calibrated
  EXPECT_NEAR(error.value(), 0.1, 1e-12);
}

TEST(CalibrationError, ErrorsOfDifferentBinsDoNotCancelOut) {
  CalibrationError error(10);
  error.add(0.95, false);
  error.add(0.05, true);
  EXPECT_NEAR(error.value(), 0.95, 1e-12);
}

TEST(CalibrationError, TakesTheEndsOfTheRange) {
  CalibrationError error;
  error.add(1.0, true);
  error.add(0.0, false);
  EXPECT_EQ(error.value(), 0);
}

}  // namespace
}  // namespace recur
