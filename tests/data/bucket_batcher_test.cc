#include "recur/data/bucket_batcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

std::vector<int64_t> random_lengths(int count) {
  Random random(7);
  std::vector<int64_t> lengths;
  for (int i = 0; i < count; ++i) lengths.push_back(static_cast<int64_t>(random.below(100)));
  return lengths;
}

std::vector<std::vector<int32_t>> one_pass(BucketBatcher& batcher) {
  std::vector<std::vector<int32_t>> result;
  for (bool ended = false; !ended;) {
    const auto batch = batcher.next();
    result.emplace_back(batch.sequences.begin(), batch.sequences.end());
    ended = batch.ends_pass;
  }
  return result;
}

TEST(BucketBatcher, APassGivesEverySequenceOnce) {
  BucketBatcher batcher(random_lengths(203), {.batch = 8, .pool = 5});
  for (int pass = 0; pass < 3; ++pass) {
    std::multiset<int32_t> seen;
    for (const auto& batch : one_pass(batcher)) {
      EXPECT_LE(batch.size(), 8u);
      seen.insert(batch.begin(), batch.end());
    }
    EXPECT_EQ(seen.size(), 203u);
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 203u);
  }
}

TEST(BucketBatcher, PassesDifferAndFollowFromTheSeed) {
  const auto lengths = random_lengths(100);
  BucketBatcher a(lengths, {.seed = 3}), b(lengths, {.seed = 3}), c(lengths, {.seed = 4});
  const auto first = one_pass(a);
  EXPECT_EQ(first, one_pass(b));
  EXPECT_NE(first, one_pass(c));
  EXPECT_NE(first, one_pass(a));
}

TEST(BucketBatcher, WastesLittleOnPadding) {
  const auto lengths = random_lengths(1000);
  BucketBatcher batcher(lengths, {.batch = 10});
  int64_t padded = 0, used = 0;
  for (const auto& batch : one_pass(batcher)) {
    int64_t longest = 0;
    for (const int32_t i : batch) {
      used += lengths[i];
      longest = std::max(longest, lengths[i]);
    }
    padded += longest * std::ssize(batch);
  }
  EXPECT_LT(static_cast<double>(padded), 1.05 * static_cast<double>(used));
}

TEST(BucketBatcher, LongSequencesMakeSmallBatches) {
  BucketBatcher batcher({10, 10, 10, 10, 1000, 50}, {.batch = 4, .most_steps = 30});
  for (const auto& batch : one_pass(batcher)) {
    const bool alone = batch.front() >= 4;
    EXPECT_LE(batch.size(), alone ? 1u : 3u);
  }
}

TEST(BucketBatcher, GoesOnFromACursor) {
  const auto lengths = random_lengths(90);
  BucketBatcher a(lengths, {.batch = 7}), b(lengths, {.batch = 7});
  for (int i = 0; i < 17; ++i) a.next();
  b.set_cursor(a.cursor());
  EXPECT_EQ(a.epoch(), b.epoch());
  for (int i = 0; i < 20; ++i) {
    const auto x = a.next(), y = b.next();
    EXPECT_TRUE(std::ranges::equal(x.sequences, y.sequences));
    EXPECT_EQ(x.ends_pass, y.ends_pass);
  }
}

TEST(BucketBatcher, CountsPasses) {
  BucketBatcher batcher(std::vector<int64_t>(4, 5), {.batch = 2});
  EXPECT_EQ(batcher.epoch(), 0);
  batcher.next();
  EXPECT_EQ(batcher.epoch(), 0.5);
  EXPECT_TRUE(batcher.next().ends_pass);
  EXPECT_EQ(batcher.epoch(), 1);
}

// The order of passes must never change: a run that is resumed, by whatever version, goes on as it began.
TEST(BucketBatcher, TheOrderOfBatchesIsFixed) {
  BucketBatcher batcher(random_lengths(12), {.batch = 3, .pool = 2, .seed = 5});
  EXPECT_EQ(one_pass(batcher), (std::vector<std::vector<int32_t>>{{11, 0, 7}, {1, 5, 10}, {8, 4, 2}, {6, 9, 3}}));
  EXPECT_EQ(one_pass(batcher), (std::vector<std::vector<int32_t>>{{11, 4, 6}, {3, 1, 10}, {8, 2, 7}, {9, 0, 5}}));
}

TEST(BucketBatcher, RunsOfNeighboursGiveEverySequenceOnce) {
  for (const int64_t run : {2, 7, 64, 1000}) {
    BucketBatcher batcher(random_lengths(203), {.batch = 8, .pool = 5, .run = run});
    const auto first = one_pass(batcher), second = one_pass(batcher);
    EXPECT_NE(first, second);
    for (const auto& pass : {first, second}) {
      std::set<int32_t> seen;
      for (const auto& batch : pass) seen.insert(batch.begin(), batch.end());
      EXPECT_EQ(seen.size(), 203u);
    }
  }
}

// Batches of one pool follow each other, and a pool is made of few runs.
TEST(BucketBatcher, RunsOfNeighboursAreReadTogether) {
  BucketBatcher batcher(random_lengths(10'000), {.batch = 10, .pool = 20, .run = 50});  // 4 runs a pool
  const auto pass = one_pass(batcher);
  for (size_t pool = 0; pool < 10'000 / 200; ++pool) {
    std::set<int32_t> runs;
    std::vector<int32_t> all;
    for (size_t i = pool * 20; i < (pool + 1) * 20; ++i) all.insert(all.end(), pass[i].begin(), pass[i].end());
    for (const int32_t sequence : all) runs.insert(sequence / 50);
    EXPECT_EQ(runs.size(), 4u);
    EXPECT_FALSE(std::ranges::is_sorted(all));
  }
}

TEST(BucketBatcher, RunsOfNeighboursGoOnFromACursor) {
  const auto lengths = random_lengths(300);
  BucketBatcher a(lengths, {.batch = 7, .pool = 3, .run = 5}), b(lengths, {.batch = 7, .pool = 3, .run = 5});
  for (int i = 0; i < 60; ++i) a.next();
  b.set_cursor(a.cursor());
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(std::ranges::equal(a.next().sequences, b.next().sequences));
}

TEST(BucketBatcher, RefusesWhatCannotBe) {
  EXPECT_ERROR(BucketBatcher({}, {}), "no sequences");
  BucketBatcher batcher({1, 2}, {.batch = 1});
  EXPECT_ERROR(batcher.set_cursor({.epoch = 0, .position = 9}), "batch 9 of 2");
  EXPECT_ERROR(batcher.set_cursor({.epoch = -1}), "damaged");
}

TEST(BatchesByLength, HoldEverySequenceTheShortestFirst) {
  const auto batches = batches_by_length({5, 1, 3, 1}, {.batch = 3});
  EXPECT_EQ(batches, (std::vector<std::vector<int32_t>>{{1, 3, 2}, {0}}));
  EXPECT_TRUE(batches_by_length({}, {}).empty());
}

}  // namespace
}  // namespace recur
