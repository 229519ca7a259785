#include "recur/data/sequences/sequence_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

TEST(SequenceSet, LoadsWhatIsInMemoryAsItIs) {
  const SequenceSet set = small_set("a.csv");
  EXPECT_EQ(&*set.load(0), &set.sequences[0]);
  const Sequence part = set.load(set.sequences[0], 1, 3);
  EXPECT_THAT(part.values, ElementsAre(2, 20, 3, 30));
  EXPECT_THAT(part.labels, ElementsAre("4.5"));
}

TEST(SequenceSet, LoadsWhatIsOnDisk) {
  SequenceSet set = small_set("a.csv");
  set.sequences[0].step_labels = {0, -1, 1};
  set.move_to_disk();
  EXPECT_FALSE(set.in_memory());
  EXPECT_EQ(set.length(set.sequences[0]), 3);
  EXPECT_THAT(set.sequences[0].values, IsEmpty());
  EXPECT_THAT(set.load(0)->values, ElementsAre(1, 10, 2, 20, 3, 30));
  EXPECT_THAT(set.load(0)->step_labels, ElementsAre(0, -1, 1));
  EXPECT_THAT(set.load(set.sequences[0], 1, 2).values, ElementsAre(2, 20));
  set.move_to_disk();  // changes nothing more
  EXPECT_EQ(set.stores.size(), 1u);
}

TEST(SequenceSet, PartsAndCopiesOfSequencesOnDiskLoadToo) {
  SequenceSet set = small_set("a.csv");
  set.move_to_disk();
  SequenceSet copy = set;
  copy.sequences[0].stored.first += 1;
  copy.sequences[0].stored.steps -= 1;
  set = {};
  EXPECT_EQ(copy.length(copy.sequences[0]), 2);
  EXPECT_THAT(copy.load(0)->values, ElementsAre(2, 20, 3, 30));
}

TEST(SequenceSet, AppendsSetsInMemoryAndOnDisk) {
  for (const bool first_on_disk : {false, true}) {
    for (const bool second_on_disk : {false, true}) {
      SequenceSet set = small_set("a.csv"), other = small_set("b.csv");
      set.step_classes = {"up", "down"};
      other.step_classes = {"flat", "up"};
      set.sequences[0].step_labels = {1, 1, 0};
      other.sequences[0].step_labels = {0, 1, -1};
      if (first_on_disk) set.move_to_disk();
      if (second_on_disk) other.move_to_disk();
      set.append(std::move(other));
      set.append(small_set("c.csv"));
      EXPECT_EQ(set.in_memory(), !first_on_disk && !second_on_disk);
      ASSERT_EQ(set.size(), 3);
      EXPECT_THAT(set.load(0)->step_labels, ElementsAre(1, 1, 0));
      EXPECT_THAT(set.load(1)->step_labels, ElementsAre(2, 0, -1));
      EXPECT_THAT(set.load(2)->step_labels, IsEmpty());
      EXPECT_THAT(set.load(1)->values, ElementsAre(1, 10, 2, 20, 3, 30));
      EXPECT_EQ(set.where(set.sequences[1]), "b.csv:12");
    }
  }
}

TEST(SequenceSet, GivesLongSequencesInParts) {
  SequenceSet set = small_set("a.csv");
  constexpr int64_t kSteps = 1'200'000;  // of two channels: more than a part holds
  set.sequences[0].values.resize(2 * kSteps);
  for (size_t i = 0; i < set.sequences[0].values.size(); ++i) set.sequences[0].values[i] = static_cast<float>(i % 1000);
  std::vector<float> expected = set.sequences[0].values, got;
  set.move_to_disk();
  int64_t parts = 0;
  for_each_part(set, [&](const Sequence& part, int64_t first) {
    EXPECT_EQ(first * 2, std::ssize(got));
    got.insert(got.end(), part.values.begin(), part.values.end());
    ++parts;
  });
  EXPECT_GT(parts, 1);
  EXPECT_EQ(got, expected);
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
