#include "recur/tasks/metrics/events.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

TEST(Events, AreRunsOfOneLabel) {
  const std::vector<int32_t> labels{0, 1, 1, 2, 2, 2, 0, -1, 1};
  const std::vector<Event> all = events_of(labels, 0);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], (Event{1, 2, 1}));
  EXPECT_EQ(all[1], (Event{3, 5, 2}));
  EXPECT_EQ(all[2], (Event{8, 8, 1}));
  EXPECT_EQ(events_of(labels, 0, 3).size(), 1u);
  EXPECT_EQ(events_of(labels, -1).size(), 5u);  // no background
  EXPECT_TRUE(events_of({}, 0).empty());
}

TEST(Events, OverlapIsTheSharedPart) {
  EXPECT_DOUBLE_EQ(overlap({0, 9, 1}, {0, 9, 1}), 1);
  EXPECT_DOUBLE_EQ(overlap({0, 9, 1}, {5, 14, 1}), 5.0 / 15);
  EXPECT_DOUBLE_EQ(overlap({0, 4, 1}, {5, 9, 1}), 0);
}

std::vector<BinaryCounts> counted_events(const std::vector<Event>& found, const std::vector<Event>& actual) {
  std::vector<BinaryCounts> counts(3);
  count_events(found, actual, counts);
  return counts;
}

TEST(Events, MatchByClassAndHalfTheirFrames) {
  const std::vector<Event> actual{{10, 19, 1}, {30, 39, 2}, {50, 59, 1}};
  const auto counts = counted_events({{12, 21, 1}, {30, 39, 1}, {57, 66, 1}}, actual);
  EXPECT_EQ(counts[1].hits, 1);          // 8 of 12 frames
  EXPECT_EQ(counts[1].false_alarms, 2);  // another class; 3 of 17 frames
  EXPECT_EQ(counts[1].misses, 1);
  EXPECT_EQ(counts[2].misses, 1);
}

TEST(Events, CountOnceEach) {
  // Two halves of an event: only one may be it. One long event over two: it is one of them.
  const auto split = counted_events({{0, 5, 1}, {6, 9, 1}}, {{0, 9, 1}});
  EXPECT_EQ(split[1].hits, 1);
  EXPECT_EQ(split[1].false_alarms, 1);
  EXPECT_EQ(split[1].misses, 0);
  const auto joined = counted_events({{0, 9, 1}}, {{0, 5, 1}, {7, 9, 1}});
  EXPECT_EQ(joined[1].hits, 1);
  EXPECT_EQ(joined[1].misses, 1);
}

}  // namespace
}  // namespace recur
