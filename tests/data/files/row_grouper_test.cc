#include "recur/data/files/row_grouper.h"

#include <gtest/gtest.h>

#include <map>

#include "recur/base/random.h"

namespace recur::internal {
namespace {

struct Row {
  int64_t group, number;
  bool operator==(const Row&) const = default;
};

std::vector<Row> rows_in(const ScratchFile& file) {
  std::vector<Row> rows(static_cast<size_t>(file.size()) / sizeof(Row));
  file.read(0, std::as_writable_bytes(std::span(rows)));
  return rows;
}

// Appends runs of rows as `groups` has them, and holds the file against the same brought together in memory.
void check_order(const std::vector<std::pair<size_t, size_t>>& groups) {
  RowGrouper grouper(sizeof(Row), "test");
  std::map<size_t, std::vector<Row>> by_group;
  int64_t number = 0;
  for (const auto& [group, count] : groups) {
    std::vector<Row> rows;
    for (size_t i = 0; i < count; ++i) rows.push_back({static_cast<int64_t>(group), number++});
    grouper.append(group, std::as_bytes(std::span(rows)));
    by_group[group].insert(by_group[group].end(), rows.begin(), rows.end());
  }
  EXPECT_EQ(grouper.rows(), number);
  std::vector<Row> expected;
  for (const auto& [group, rows] : by_group) {
    EXPECT_EQ(grouper.rows(group), std::ssize(rows));
    expected.insert(expected.end(), rows.begin(), rows.end());
  }
  EXPECT_EQ(rows_in(*grouper.finish()), expected);
}

TEST(RowGrouper, LeavesRowsThatAreInOrder) { check_order({{0, 3}, {1, 0}, {2, 5}, {2, 1}, {9, 2}}); }

TEST(RowGrouper, BringsInterleavedGroupsTogether) {
  check_order({{0, 1}, {1, 1}, {2, 1}, {0, 2}, {2, 2}, {1, 3}, {0, 1}, {5, 1}, {4, 1}});
}

TEST(RowGrouper, TakesNoRowsAtAll) {
  check_order({});
  check_order({{3, 0}});
}

// Runs of more parts than are read at once, of more bytes than their buffers.
TEST(RowGrouper, MergesLongRuns) {
  std::vector<std::pair<size_t, size_t>> groups;
  for (size_t run = 0; run < 3; ++run) {
    for (size_t group = 0; group < 6000; ++group) groups.emplace_back(group, (group + run) % 13);
    groups.emplace_back(6000, 100'000);
  }
  check_order(groups);
}

TEST(RowGrouper, MergesRandomRuns) {
  Random random(4);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::pair<size_t, size_t>> groups;
    for (int i = 0; i < 200; ++i) groups.emplace_back(random.below(20), random.below(30));
    check_order(groups);
  }
}

}  // namespace
}  // namespace recur::internal
