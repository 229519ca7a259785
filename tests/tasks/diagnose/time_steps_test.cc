#include "recur/tasks/diagnose/time_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/throws.h"
#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;

void expect_values(const std::vector<float>& got, const std::vector<float>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(want[i])) {
      EXPECT_TRUE(std::isnan(got[i])) << i;
    } else {
      EXPECT_FLOAT_EQ(got[i], want[i]) << i;
    }
  }
}

TEST(InSteps, TakesTheMeanOfWhatFallsIntoAStep) {
  SequenceSet set = record_set(2);
  const Sequence& record = add_record(set, {0, 0.5, 2.25}, {1, kNone, 3, 10, kNone, 20});
  expect_values(in_steps(set, record, {}), {2, 10, kNone, kNone, kNone, 20});
  expect_values(in_steps(set, record, {.within = "last"}), {3, 10, kNone, kNone, kNone, 20});
}

TEST(InSteps, BeginAtTheFirstMeasurementOrAtZero) {
  SequenceSet set = record_set(1);
  const Sequence& record = add_record(set, {1.5, 2.4}, {1, 2});
  expect_values(in_steps(set, record, {}), {1.5});
  expect_values(in_steps(set, record, {.origin = "zero"}), {kNone, 1, 2});
  EXPECT_EQ(first_time(set, record, {}), 1.5);
  EXPECT_EQ(first_time(set, record, {.origin = "zero"}), 0);
}

TEST(InSteps, StepIsInHoursOfDates) {
  SequenceSet set = record_set(1, TimeKind::kDate);
  const Sequence& record = add_record(set, {7200, 7200 + 3599, 7200 + 3600}, {1, 3, 5});
  expect_values(in_steps(set, record, {}), {2, 5});
  expect_values(in_steps(set, record, {.step = 0.5}), {1, 3, 5});
  EXPECT_ERROR(in_steps(set, record, {.origin = "zero"}), "got dates, which have no time 0");
}

TEST(InSteps, ATimeIsInTheStepItSaysInSpiteOfRounding) {
  SequenceSet set = record_set(1);
  const Sequence& record = add_record(set, {0, 0.1 + 0.2 - 1e-16, 0.7}, {1, 2, 3});
  const auto values = in_steps(set, record, {.step = 0.1});
  ASSERT_EQ(values.size(), 8u);
  EXPECT_EQ(values[3], 2);
  EXPECT_EQ(values[7], 3);
}

TEST(InSteps, WithoutTimesARowIsAUnit) {
  SequenceSet set = record_set(1, TimeKind::kNone);
  expect_values(in_steps(set, add_record(set, {}, {1, 2, 3, 4}), {.step = 2}), {1.5, 3.5});
}

TEST(InSteps, CutsLongRecordsAndRefusesEndlessOnes) {
  SequenceSet set = record_set(1);
  const Sequence& record = add_record(set, {0, 1, 1e9}, {1, 2, 3});
  expect_values(in_steps(set, record, {.most_steps = 2}), {1, 2});
  EXPECT_ERROR(in_steps(set, record, {}), "records.csv:1: record 'r1' has more than");
  EXPECT_ERROR(in_steps(set, add_record(set, {-1, 2}, {1, 2}), {.origin = "zero"}), "before its steps begin");
}

TEST(CheckRoom, RefusesStepsFarTooShortForTheTimes) {
  SequenceSet set = record_set(20);
  std::vector<float> values(40, 1);
  for (int i = 0; i < 1000; ++i) add_record(set, {0, 60000}, values);
  std::vector<int64_t> all(1000), some{0, 1, 2};
  std::iota(all.begin(), all.end(), int64_t{0});
  EXPECT_ERROR(check_room(set, all, {}), "increase step");
  EXPECT_NO_THROW(check_room(set, some, {}));
  EXPECT_NO_THROW(check_room(set, all, {.step = 3600}));
  EXPECT_NO_THROW(check_room(set, all, {.most_steps = 48}));
}

TEST(InSteps, ARecordWithoutMeasurementsIsOneEmptyStep) {
  SequenceSet set = record_set(2);
  expect_values(in_steps(set, add_record(set, {}, {}), {}), {kNone, kNone});
}

}  // namespace
}  // namespace recur
