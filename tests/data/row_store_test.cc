#include "recur/data/row_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace recur {
namespace {

using ::testing::ElementsAre;

std::vector<float> counted(int64_t count, float from = 0) {
  std::vector<float> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), from);
  return values;
}

std::vector<float> read(const RowStore<float>& rows, int64_t begin, int64_t end) {
  std::vector<float> room;
  const std::span<const float> values = rows.read(begin, end, room);
  return {values.begin(), values.end()};
}

TEST(RowStore, AreTheSameOnDiskAsInMemory) {
  for (const int64_t bytes : {int64_t{1} << 20, int64_t{20}, int64_t{1}}) {  // in memory, moved on the way, on disk
    RowStore<float> rows({.width = 3, .memory_bytes = bytes});
    EXPECT_EQ(rows.append(counted(3)), 0);
    EXPECT_EQ(rows.append({}), 1);
    EXPECT_EQ(rows.append(counted(6, 3)), 1);
    EXPECT_EQ(rows.rows(), 3);
    EXPECT_EQ(rows.in_memory(), bytes > 100);
    EXPECT_EQ(read(rows, 0, 3), counted(9));
    EXPECT_EQ(read(rows, 1, 2), counted(3, 3));
    EXPECT_EQ(read(rows, 2, 2), std::vector<float>{});
  }
}

TEST(RowStore, MayBeWrittenInAnyOrder) {
  for (const int64_t bytes : {int64_t{1} << 20, int64_t{1}}) {
    RowStore<double> rows({.width = 2, .memory_bytes = bytes});
    rows.resize(4);
    rows.write(2, std::vector<double>{5, 6});
    rows.write(0, std::vector<double>{1, 2});
    std::vector<double> room;
    const auto all = rows.read(0, 4, room);
    EXPECT_THAT(std::vector(all.begin(), all.end()), ElementsAre(1, 2, 0, 0, 5, 6, 0, 0));
  }
}

TEST(RowStore, InMemoryAreNotCopied) {
  RowStore<float> rows;
  rows.append(counted(10));
  std::vector<float> room;
  EXPECT_EQ(rows.read(0, 10, room).data() + 4, rows.read(4, 5, room).data());
  EXPECT_TRUE(room.empty());
}

TEST(RowStore, PartsCoverEveryRowOnce) {
  RowStore<float> rows({.width = 7, .memory_bytes = 1});
  constexpr int64_t kRows = 100'000;
  for (int64_t i = 0; i < kRows; i += 1000) rows.append(counted(7000, static_cast<float>(i * 7)));
  int64_t next = 10, parts = 0;
  rows.for_each_part(10, kRows, [&](std::span<const float> part, int64_t first) {
    EXPECT_EQ(first, next);
    EXPECT_EQ(part[0], static_cast<float>(first * 7));
    next += std::ssize(part) / 7;
    ++parts;
  });
  EXPECT_EQ(next, kRows);
  EXPECT_GT(parts, 1);
}

TEST(RowStore, WithoutColumnsHaveNothingToRead) {
  RowStore<float> rows({.width = 0});
  rows.resize(5);
  EXPECT_EQ(rows.rows(), 5);
  EXPECT_EQ(read(rows, 1, 4), std::vector<float>{});
}

}  // namespace
}  // namespace recur
