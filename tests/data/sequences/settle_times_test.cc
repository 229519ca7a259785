#include "recur/data/sequences/settle_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsNan;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

SequenceSet set_of(std::vector<double> times, std::vector<float> values, TimeKind kind = TimeKind::kNumber) {
  SequenceSet set;
  const size_t width = times.empty() ? 1 : values.size() / times.size();
  for (size_t c = 0; c < width; ++c) set.channels.push_back({.name = "c" + std::to_string(c)});
  set.files = {"a.csv"};
  set.time_kind = kind;
  Sequence& s = set.sequences.emplace_back();
  s.id = "x";
  s.place.line = 7;
  s.times = std::move(times);
  s.values = std::move(values);
  return set;
}

SequenceOptions with(Repeats repeats, bool sort = true) {
  SequenceOptions options;
  options.repeats = repeats;
  options.sort_time = sort;
  return options;
}

TEST(MergeRepeats, KeepsTheFirstLastOrMeanOfWhatIsThere) {
  const std::vector<float> values{kNone, 2, kNone, 7, 3, kNone};
  EXPECT_EQ(merge_repeats(Repeats::kFirst, values), 2);
  EXPECT_EQ(merge_repeats(Repeats::kLast, values), 3);
  EXPECT_EQ(merge_repeats(Repeats::kMean, values), 4);
}

TEST(MergeRepeats, OfNothingIsMissing) {
  for (const Repeats policy : {Repeats::kFirst, Repeats::kLast, Repeats::kMean}) {
    EXPECT_THAT(merge_repeats(policy, {}), IsNan());
    EXPECT_THAT(merge_repeats(policy, std::vector<float>{kNone, kNone}), IsNan());
  }
}

TEST(MergeRepeats, AMeanOfTheLargestNumbersDoesNotOverflow) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  EXPECT_EQ(merge_repeats(Repeats::kMean, std::vector<float>{kLargest, kLargest, kLargest}), kLargest);
}

TEST(SettleTimes, LeavesRisingTimesAsTheyAre) {
  SequenceSet set = set_of({1, 2, 5}, {10, kNone, 30});
  settle_times(set, with(Repeats::kFail, false));
  EXPECT_THAT(set.sequences[0].times, ElementsAre(1, 2, 5));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(10, IsNan(), 30));
  EXPECT_THAT(set.notes, IsEmpty());
}

TEST(SettleTimes, SequencesWithoutStepsOrTimesStay) {
  SequenceSet set = set_of({}, {});
  settle_times(set, with(Repeats::kFail, false));
  set.sequences[0].values = {3, 1, 2};  // of a set without times
  settle_times(set, with(Repeats::kFail, false));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(3, 1, 2));
  EXPECT_THAT(set.notes, IsEmpty());
}

TEST(SettleTimes, SortsWholeRowsWithTheirLabels) {
  SequenceSet set = set_of({3, 1, 2}, {30, 31, 10, 11, 20, 21});
  set.sequences[0].step_labels = {2, 0, -1};
  settle_times(set, with(Repeats::kFail));
  EXPECT_THAT(set.sequences[0].times, ElementsAre(1, 2, 3));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(10, 11, 20, 21, 30, 31));
  EXPECT_THAT(set.sequences[0].step_labels, ElementsAre(0, -1, 2));
}

TEST(SettleTimes, CountsTheRowsThatStandBehindALaterOne) {
  SequenceSet late = set_of({9, 1, 2, 3}, {0, 0, 0, 0}), early = set_of({1, 2, 3, 0}, {0, 0, 0, 0});
  settle_times(late, with(Repeats::kFail));
  settle_times(early, with(Repeats::kFail));
  EXPECT_THAT(late.notes, ElementsAre("a.csv: 3 rows out of order were sorted by time"));
  EXPECT_THAT(early.notes, ElementsAre("a.csv: 1 row out of order was sorted by time"));
}

TEST(SettleTimes, MergesRowsOfOneTimeChannelByChannel) {
  const auto merged = [](Repeats policy) {
    SequenceSet set = set_of({1, 2, 2, 2, 3}, {1, 1, 10, kNone, 20, 5, 60, kNone, 3, 3});
    set.sequences[0].step_labels = {0, 1, 2, 3, 4};
    settle_times(set, with(policy, false));
    EXPECT_THAT(set.sequences[0].times, ElementsAre(1, 2, 3));
    EXPECT_THAT(set.notes, ElementsAre(::testing::HasSubstr("2 values or rows with a repeated time")));
    return set.sequences[0];
  };
  EXPECT_THAT(merged(Repeats::kMean).values, ElementsAre(1, 1, 30, 5, 3, 3));
  EXPECT_THAT(merged(Repeats::kFirst).values, ElementsAre(1, 1, 10, 5, 3, 3));
  EXPECT_THAT(merged(Repeats::kLast).values, ElementsAre(1, 1, 60, 5, 3, 3));
  EXPECT_THAT(merged(Repeats::kFirst).step_labels, ElementsAre(0, 1, 4));
  EXPECT_THAT(merged(Repeats::kLast).step_labels, ElementsAre(0, 3, 4));
}

TEST(SettleTimes, FirstAndLastGoByTheOrderOfTheFileAfterSorting) {
  SequenceSet set = set_of({2, 1, 2}, {10, 0, 20});
  settle_times(set, with(Repeats::kFirst));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(0, 10));
}

// Whatever the order of the rows, the result is that of a plain sum over a map.
TEST(SettleTimes, TheMeanOfShuffledRowsIsThatOfEachTime) {
  Random random(3);
  std::vector<double> times;
  std::vector<float> values;
  std::vector<double> sums(5, 0), counts(5, 0);
  for (int i = 0; i < 40; ++i) {
    const uint64_t time = random.below(5);
    const auto value = static_cast<float>(random.below(100));
    times.push_back(static_cast<double>(time));
    values.push_back(value);
    sums[time] += static_cast<double>(value);
    counts[time] += 1;
  }
  SequenceSet set = set_of(times, values);
  settle_times(set, with(Repeats::kMean));
  EXPECT_THAT(set.sequences[0].times, ElementsAre(0, 1, 2, 3, 4));
  for (size_t t = 0; t < 5; ++t) EXPECT_NEAR(set.sequences[0].values[t], sums[t] / counts[t], 1e-5);
}

TEST(SettleTimes, RefusesWhatIsNotAskedForNamingSequenceAndTime) {
  SequenceSet back = set_of({2, 1}, {0, 0}), twice = set_of({86400, 86400}, {0, 0}, TimeKind::kDate);
  EXPECT_ERROR(settle_times(back, with(Repeats::kMean, false)), "a.csv:7: the times of sequence 'x' go back");
  EXPECT_ERROR(settle_times(twice, with(Repeats::kFail)),
               "a.csv:7: sequence 'x' has the time 1970-01-02 twice; if the rows are of several series, set id_column");
  SequenceSet apart = set_of({5, 1, 5}, {0, 0, 0});
  EXPECT_ERROR(settle_times(apart, with(Repeats::kFail)), "has the time 5 twice");
}

TEST(TimeText, IsWhatTheFileWouldShow) {
  EXPECT_EQ(time_text(TimeKind::kNumber, 3), "3");
  EXPECT_EQ(time_text(TimeKind::kNumber, 0.5), "0.5");
  EXPECT_EQ(time_text(TimeKind::kNumber, 1577836800), "1577836800");
  EXPECT_EQ(time_text(TimeKind::kNumber, 1577836801.25), "1577836801.25");
  EXPECT_EQ(time_text(TimeKind::kDate, 0), "1970-01-01");
  EXPECT_EQ(time_text(TimeKind::kDate, 45296), "1970-01-01 12:34:56");
}

TEST(RepeatsFromName, KnowsItsNames) {
  EXPECT_EQ(repeats_from_name("mean"), Repeats::kMean);
  EXPECT_EQ(repeats_from_name("fail"), Repeats::kFail);
  EXPECT_THROW(repeats_from_name("median"), UsageError);
  EXPECT_THROW(repeats_from_name(""), UsageError);
}

}  // namespace
}  // namespace recur
