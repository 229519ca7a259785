#include "recur/data/sequences/sequence_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::ElementsAre;

SequenceSet small_set(const std::string& file) {
  SequenceSet set;
  set.channels = {{"x"}, {"price", ChannelRole::kFuture}};
  set.labels = {"age"};
  set.statics = {"store"};
  set.files = {file};
  Sequence& s = set.sequences.emplace_back();
  s.values = {1, 10, 2, 20, 3, 30};
  s.labels = {"4.5"};
  s.statics = {"7"};
  s.place = {0, 12};
  return set;
}

TEST(SequenceSet, GivesLengthsAndSteps) {
  const SequenceSet set = small_set("a.csv");
  EXPECT_EQ(set.length(set.sequences[0]), 3);
  EXPECT_THAT(set.step(set.sequences[0], 1), ElementsAre(2, 20));
  EXPECT_EQ(set.channels_of(ChannelRole::kFuture), 1);
  EXPECT_EQ(set.where(set.sequences[0]), "a.csv:12");
}

TEST(SequenceSet, ReadsLabelsAndStaticsAsNumbers) {
  SequenceSet set = small_set("a.csv");
  EXPECT_EQ(set.label_number(set.sequences[0], 0), 4.5);
  EXPECT_EQ(set.static_number(set.sequences[0], 0), 7);
  set.sequences[0].labels[0] = "";
  EXPECT_TRUE(std::isnan(set.label_number(set.sequences[0], 0)));
  set.sequences[0].statics[0] = "north";
  EXPECT_ERROR(set.static_number(set.sequences[0], 0), "a.csv:12: column store: expected a number, got 'north'");
}

TEST(SequenceSet, AppendsSetsOfTheSameColumns) {
  SequenceSet set = small_set("a.csv"), other = small_set("b.csv");
  set.step_classes = {"up", "down"};
  other.step_classes = {"flat", "up"};
  other.sequences[0].step_labels = {0, 1, -1};
  other.notes = {"a note"};
  set.append(std::move(other));
  EXPECT_EQ(set.size(), 2);
  EXPECT_EQ(set.where(set.sequences[1]), "b.csv:12");
  EXPECT_THAT(set.step_classes, ElementsAre("up", "down", "flat"));
  EXPECT_THAT(set.sequences[1].step_labels, ElementsAre(2, 0, -1));
  EXPECT_THAT(set.notes, ElementsAre("a note"));
}

TEST(SequenceSet, RefusesSetsOfOtherColumns) {
  const auto append = [](auto change) {
    SequenceSet set = small_set("a.csv"), other = small_set("b.csv");
    change(other);
    set.append(std::move(other));
  };
  EXPECT_ERROR(append([](SequenceSet& s) { s.channels[0].name = "y"; }),
               "b.csv: its channels are y, price, those of the files before x, price");
  EXPECT_ERROR(append([](SequenceSet& s) { s.labels = {}; }), "b.csv: its labels are");
  EXPECT_ERROR(append([](SequenceSet& s) { s.statics = {"shop"}; }), "b.csv: its static columns are shop");
  EXPECT_ERROR(append([](SequenceSet& s) { s.time_kind = TimeKind::kDate; }), "times are of another kind");
}

}  // namespace
}  // namespace recur
