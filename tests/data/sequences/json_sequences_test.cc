#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;
using testing::IsNan;

TEST(JsonSequences, TakesArraysForChannelsAndScalarsForTheRest) {
  const SequenceSet set =
      sequences_of("a.jsonl", R"({"id": "a", "label": "walk", "x": [1, null, 3], "y": [4, 5, 6.5], "age": 30})"
                              "\n\n"
                              R"({"y": [8], "x": [7], "id": 12, "label": "run"})"
                              "\n");
  EXPECT_THAT(ids(set), ElementsAre("a", "12"));
  EXPECT_THAT(labels(set), ElementsAre("walk", "run"));
  EXPECT_THAT(channel_names(set), ElementsAre("x", "y"));
  EXPECT_THAT(set.sequences[0].values,
              ElementsAre(FloatEq(1), FloatEq(4), IsNan(), FloatEq(5), FloatEq(3), FloatEq(6.5)));
  EXPECT_THAT(set.statics, ElementsAre("age"));
  EXPECT_THAT(set.sequences[1].statics, ElementsAre(""));
  EXPECT_EQ(set.where(set.sequences[1]), "a.jsonl:3");
}

TEST(JsonSequences, TakesStepsOfSeveralChannelsTimesAndStepLabels) {
  const SequenceSet set = sequences_of(
      "a.jsonl", R"({"values": [[1, 2], [3, 4]], "times": ["2020-01-01", "2020-01-03"], "labels": ["up", null]})");
  EXPECT_THAT(channel_names(set), ElementsAre("values.1", "values.2"));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(set.time_kind, TimeKind::kDate);
  EXPECT_EQ(set.sequences[0].times[1] - set.sequences[0].times[0], 172800);
  EXPECT_THAT(set.sequences[0].step_labels, ElementsAre(0, -1));
}

TEST(JsonSequences, ReadsObjectsOfScalarsAsRows) {
  const SequenceSet set = sequences_of("a.jsonl", "{\"t\": 1, \"x\": 5}\n{\"x\": null, \"t\": 2}\n");
  EXPECT_EQ(set.columns.layout, Layout::kLong);
  EXPECT_THAT(set.sequences[0].values, ElementsAre(FloatEq(5), IsNan()));
  EXPECT_ERROR(sequences_of("a.jsonl", "{\"t\": 1, \"x\": 5}\n{\"x\": [1], \"t\": 2}\n"),
               "a.jsonl:2: key 'x': expected one value, got array");
  EXPECT_ERROR(sequences_of("a.jsonl", "{\"t\": 1, \"x\": \"a\"}\n{\"t\": 2}\n", {.columns = {.values = {"x"}}}),
               "a.jsonl:1: column 2 ('x'): expected a number, got 'a'");
}

TEST(JsonSequences, ReadsTheSameWayAgain) {
  const SequenceSet first =
      sequences_of("a.jsonl", R"({"id": "a", "label": "walk", "x": [1], "z": [1]})", {.columns = {.values = {"x"}}});
  EXPECT_THAT(first.columns.ignored, ElementsAre("z"));
  const SequenceSet again =
      sequences_of("b.jsonl", R"({"id": "b", "x": [2, 3]})", {.columns = first.columns, .need_labels = false});
  EXPECT_THAT(again.sequences[0].values, ElementsAre(2, 3));
  EXPECT_THAT(again.sequences[0].labels, ElementsAre(""));
  EXPECT_ERROR(sequences_of("b.jsonl", R"({"id": "b", "x": [2, 3]})", {.columns = first.columns}),
               "there is no key 'label'");
}

TEST(JsonSequences, TakesIdsAsTheyAreTrueForOneAndWholeNumbersForDates) {
  const SequenceSet set = sequences_of("a.jsonl", R"({"id": "007", "x": [true, NaN], "times": [20200131, 20200201]})"
                                                  "\n"
                                                  R"({"id": "NA", "x": [1, 2], "times": [20200131, 20200201]})");
  EXPECT_THAT(ids(set), ElementsAre("007", "NA"));
  EXPECT_EQ(set.sequences[0].values[0], 1);
  EXPECT_TRUE(std::isnan(set.sequences[0].values[1]));
  EXPECT_EQ(set.time_kind, TimeKind::kDate);
  EXPECT_EQ(set.columns.time_format, "%Y%m%d");
  EXPECT_EQ(set.sequences[0].times[1] - set.sequences[0].times[0], 86400);
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"id": "", "x": [1]})"), "key 'id': the id is empty");
}

TEST(JsonSequences, NamesBadValues) {
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [1, 2], "y": [1]})"),
               "key 'y': expected an array of 2 steps as in 'x'");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [[1, 2], [3]]})"), "key 'x': step 2 has 1 channels, expected 2");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [1e39]})"), "1e+39 is beyond the range of numbers here (1e+36)");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [1], "times": ["soon"]})"), "expected a number or date, got 'soon'");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [1, 2], "times": [1, "2020-01-01"]})"), "numbers and dates are mixed");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [1, 2], "times": [2, 1]})"),
               "a.jsonl:1: the times of sequence '1' go back");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [1, 2], "times": [1, 1]})"), "has the time 1 twice");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": ["a"]})"), "no key has an array of numbers");
  EXPECT_ERROR(sequences_of("a.jsonl", "{\"x\": [1]}\n{\"y\": [1]}\n"), "a.jsonl:2: there is no key 'x'");
  EXPECT_ERROR(sequences_of("a.jsonl", "{\"x\": [1]}\n{\"x\": [\"a\"]}\n"),
               "a.jsonl:2: key 'x': expected a number, got 'a'");
  EXPECT_ERROR(sequences_of("a.jsonl", "{\"x\": [1]}\nnonsense\n"), "a.jsonl:2: expected a JSON object");
  EXPECT_ERROR(sequences_of("a.jsonl", "{\"x\": [[[[[[[[[1]]]]]]]]]}"), "expected a JSON object");
  EXPECT_ERROR(sequences_of("a.jsonl", R"({"x": [1, 2, 3]})", {.max_values = 2}), "more than 2 values");
}

TEST(JsonSequences, HoldsEmptySeries) {
  const SequenceSet set = sequences_of("a.jsonl", "{\"x\": []}\n");
  EXPECT_EQ(set.length(set.sequences[0]), 0);
  EXPECT_THAT(set.sequences[0].values, IsEmpty());
}

}  // namespace
}  // namespace recur
