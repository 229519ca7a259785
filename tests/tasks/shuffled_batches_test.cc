#include "recur/tasks/shuffled_batches.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

const std::vector<int64_t> kLengths{3, 1, 4, 1, 5, 9, 2, 6};

using Batches = ShuffledBatches<int>;

// Examples that are their own numbers.
DatasetPtr<int> numbers(const std::vector<int64_t>& lengths) {
  std::vector<int> all(lengths.size());
  std::iota(all.begin(), all.end(), 0);
  return memory_dataset(std::move(all), lengths);
}
const DatasetPtr<int> kData = numbers(kLengths);

StateReader saved(const Batches& batches, const std::filesystem::path& path) {
  StateWriter state;
  batches.save(state);
  state.save(path);
  return StateReader::open(path);
}

TEST(ShuffledBatches, GoOnWhereTheyWereSaved) {
  const Scratch scratch;
  Batches first(kData, {.batch = 3}, {.seed = 5}), second(kData, {.batch = 3}, {.seed = 5});
  for (int i = 0; i < 4; ++i) {
    first.next();
    first.dropout().bits();
  }
  second.load(saved(first, scratch / "state"));
  EXPECT_EQ(first.epoch(), second.epoch());
  for (int i = 0; i < 6; ++i) {
    const auto a = first.next(), b = second.next();
    EXPECT_TRUE(std::ranges::equal(a.indices, b.indices));
    EXPECT_EQ(first.dropout().bits(), second.dropout().bits());
  }
}

TEST(ShuffledBatches, SharesOfAllProcessesAreTheBatch) {
  for (const int ranks : {2, 3, 5}) {
    Batches whole(kData, {.batch = 3}, {.seed = 5});
    std::vector<Batches> parts;
    for (int r = 0; r < ranks; ++r) parts.emplace_back(kData, BucketOptions{.batch = 3}, TrainingStart{5, {r, ranks}});
    for (int i = 0; i < 7; ++i) {
      const auto batch = whole.next();
      std::multiset<int32_t> together;
      for (Batches& part : parts) {
        const auto share = part.next();
        ASSERT_FALSE(share.indices.empty());  // a process without a share has one that does not count
        ASSERT_EQ(share.examples.size(), share.indices.size());
        for (size_t e = 0; e < share.indices.size(); ++e) EXPECT_EQ(*share.examples[e], share.indices[e]);
        together.insert(share.indices.begin(), share.indices.begin() + share.counted);
        EXPECT_EQ(share.ends_pass, batch.ends_pass);
        EXPECT_EQ(part.epoch(), whole.epoch());
      }
      EXPECT_EQ(together, std::multiset<int32_t>(batch.indices.begin(), batch.indices.end()));
    }
  }
}

TEST(ShuffledBatches, ProcessesDrawMasksOfTheirOwn) {
  Batches first(kData, {}, {.seed = 5, .shard = {0, 2}}), second(kData, {}, {.seed = 5, .shard = {1, 2}});
  EXPECT_NE(first.dropout().bits(), second.dropout().bits());
}

TEST(ShuffledBatches, RefuseOtherData) {
  const Scratch scratch;
  const Batches first(kData, {}, {.seed = 5});
  Batches fewer(numbers({3, 1}), {}, {.seed = 5});
  EXPECT_ERROR(fewer.load(saved(first, scratch / "state")),
               "they had 8 sequences with 31 steps in total, and now have 2 with 4");
}

TEST(UsualEpochs, AreManyForLittleDataAndFewForMuch) {
  EXPECT_EQ(usual_epochs(1), 300);
  EXPECT_EQ(usual_epochs(100), 25);
  EXPECT_EQ(usual_epochs(100000), 8);
}

}  // namespace
}  // namespace recur
