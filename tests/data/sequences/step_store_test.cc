#include "recur/data/sequences/step_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/data/sequences/sequence_set.h"

namespace recur::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Sequence long_sequence(size_t steps, size_t channels) {
  Sequence s;
  for (size_t t = 0; t < steps; ++t) {
    s.times.push_back(static_cast<double>(t) * 0.5);
    s.step_labels.push_back(static_cast<int32_t>(t % 3) - 1);
    for (size_t c = 0; c < channels; ++c) s.values.push_back(static_cast<float>(t * 10 + c));
  }
  return s;
}

TEST(StepStore, GivesTimesValuesAndLabelsBack) {
  StepStore store({.channels = 3, .times = true, .labels = true});
  const Sequence first = long_sequence(2, 3), second = long_sequence(20'000, 3);  // several pieces
  EXPECT_EQ(store.append(first), 0);
  EXPECT_EQ(store.append(second), 2);
  store.flush();
  Sequence out;
  store.read(2, 20'000, out);
  EXPECT_EQ(out.values, second.values);
  EXPECT_EQ(out.times, second.times);
  EXPECT_EQ(out.step_labels, second.step_labels);
  store.read(3, 2, out);  // a part
  EXPECT_THAT(out.times, ElementsAre(0.5, 1));
  EXPECT_THAT(out.values, ElementsAre(10, 11, 12, 20, 21, 22));
}

TEST(StepStore, KeepsValuesAloneWithoutMoreRoom) {
  StepStore store({.channels = 2});
  EXPECT_EQ(store.layout().row_bytes(), 8u);
  Sequence s;
  s.values = {1, std::numeric_limits<float>::quiet_NaN(), -0.0F, 4};
  store.append(s);
  store.flush();
  Sequence out;
  store.read(0, 2, out);
  EXPECT_EQ(out.values[0], 1);
  EXPECT_TRUE(std::isnan(out.values[1]));
  EXPECT_TRUE(std::signbit(out.values[2]));
  EXPECT_THAT(out.times, IsEmpty());
}

TEST(StepStore, TellsWhatASequenceHasNot) {
  StepStore store({.channels = 1, .times = true, .labels = true});
  Sequence s;
  s.values = {1, 2};
  store.append(s);
  store.append({});
  store.flush();
  Sequence out;
  store.read(0, 2, out);
  EXPECT_THAT(out.values, ElementsAre(1, 2));
  EXPECT_THAT(out.times, IsEmpty());
  EXPECT_THAT(out.step_labels, IsEmpty());
  store.read(2, 0, out);
  EXPECT_THAT(out.values, IsEmpty());
}

TEST(StepStore, RelabelsOnceAndAgain) {
  StepStore store({.channels = 1, .labels = true});
  Sequence s;
  s.values = {1, 2, 3};
  s.step_labels = {0, -1, 1};
  store.append(s);
  store.flush();
  Sequence out;
  store.relabel(std::vector<int32_t>{4, 5});
  store.read(0, 3, out);
  EXPECT_THAT(out.step_labels, ElementsAre(4, -1, 5));
  store.relabel(std::vector<int32_t>{0, 0, 0, 0, 7, 8});
  store.read(0, 3, out);
  EXPECT_THAT(out.step_labels, ElementsAre(7, -1, 8));
}

}  // namespace
}  // namespace recur::internal
