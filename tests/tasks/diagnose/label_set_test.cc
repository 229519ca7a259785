#include "recur/tasks/diagnose/label_set.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"
#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;

SequenceSet labelled(std::vector<std::string> cells) {
  SequenceSet set = record_set(1);
  set.labels = {"death", "severe", "stay"};
  add_record(set, {0}, {1}).labels = std::move(cells);
  return set;
}

TEST(LabelSet, PredictedOnesComeBeforeAuxiliaryOnes) {
  const SequenceSet set = labelled({"1", "no", ""});
  const LabelSet labels = LabelSet::of(set, {"severe"});
  EXPECT_EQ(labels.names(), (std::vector<std::string>{"death", "stay", "severe"}));
  EXPECT_EQ(labels.predicted(), 2);
  EXPECT_EQ(labels.thresholds(), (std::vector<double>{0.5, 0.5}));
  const auto answers = labels.encode(set, set.sequences[0]);
  EXPECT_EQ(answers[0], 1);
  EXPECT_TRUE(std::isnan(answers[1]));
  EXPECT_EQ(answers[2], 0);
}

TEST(LabelSet, TakesYesAndNoInWords) {
  for (const auto& [word, value] : {std::pair{"Yes", 1.0f}, {"TRUE", 1}, {"1", 1}, {"no", 0}, {"False", 0}, {"0", 0}}) {
    const SequenceSet set = labelled({word, "0", "0"});
    EXPECT_EQ(LabelSet::of(set, {}).encode(set, set.sequences[0])[0], value) << word;
  }
}

TEST(LabelSet, RefusesOtherAnswersAndUnknownColumns) {
  const SequenceSet set = labelled({"0", "maybe", "1"});
  EXPECT_ERROR(LabelSet::of(set, {}).encode(set, set.sequences[0]),
               "records.csv:1: record 'r1': label severe: expected 0 or 1, got 'maybe'");
  EXPECT_ERROR(LabelSet::of(set, {"mood"}), "no column 'mood'");
  EXPECT_ERROR(LabelSet::of(set, {"death", "severe", "stay"}), "no label columns");
  EXPECT_ERROR(LabelSet::of(record_set(1), {}), "records.csv: no label columns");
}

TEST(LabelSet, AuxiliaryOnesMayBeAbsentLater) {
  const LabelSet labels = LabelSet::of(labelled({"1", "0", "1"}), {"stay"});
  SequenceSet later = record_set(1);
  later.labels = {"severe", "death"};
  add_record(later, {0}, {1}).labels = {"0", "1"};
  const auto answers = labels.encode(later, later.sequences[0]);
  EXPECT_EQ(answers[0], 1);
  EXPECT_EQ(answers[1], 0);
  EXPECT_TRUE(std::isnan(answers[2]));
  later.labels = {"severe", "other"};
  EXPECT_ERROR(labels.encode(later, later.sequences[0]), "no label column 'death'");
}

TEST(LabelSet, GoesThroughText) {
  LabelSet labels = LabelSet::of(labelled({"1", "0", "1"}), {"stay"});
  labels.set_thresholds({0.25, 0.125});
  const LabelSet again = LabelSet::from_text(labels.to_text());
  EXPECT_EQ(again.names(), labels.names());
  EXPECT_EQ(again.predicted(), 2);
  EXPECT_EQ(again.thresholds(), labels.thresholds());
}

TEST(LabelSet, RefusesTextThatIsNone) {
  for (const char* text :
       {"", "[]", "{}", R"({"labels":["a"],"auxiliary":1,"thresholds":[]})",
        R"({"labels":["a"],"auxiliary":-1,"thresholds":[0.5,0.5]})",
        R"({"labels":["a"],"auxiliary":0,"thresholds":[]})", R"({"labels":[3],"auxiliary":0,"thresholds":[0.5]})"}) {
    EXPECT_ERROR(LabelSet::from_text(text), "labels") << text;
  }
}

}  // namespace
}  // namespace recur
