#include "recur/data/batch_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::IsEmpty;

// An example says its number and what it drew.
struct Example {
  int64_t index = 0;
  uint32_t drawn = 0;
  bool operator==(const Example&) const = default;
};

std::vector<int64_t> lengths(int64_t count) {
  Random random(9);
  std::vector<int64_t> out;
  for (int64_t i = 0; i < count; ++i) out.push_back(static_cast<int64_t>(random.below(50)) + 1);
  return out;
}

DatasetPtr<Example> examples(int64_t count, bool in_memory) {
  return function_dataset<Example>(
      lengths(count),
      [](int64_t i, Random& random) {
        return Example{i, random.bits()};
      },
      in_memory);
}

struct Given {
  std::vector<int32_t> indices;
  std::vector<Example> examples;
  int64_t whole = 0;
  bool ends_pass = false;
  double epoch = 0;
  bool operator==(const Given&) const = default;
};

Given next(BatchReader<Example>& reader) {
  const auto batch = reader.next();
  Given out{.indices = batch.indices,
            .examples = {},
            .whole = batch.whole,
            .ends_pass = batch.ends_pass,
            .epoch = reader.epoch()};
  for (const auto& example : batch.examples) out.examples.push_back(*example);
  return out;
}

std::vector<Given> take(BatchReader<Example>& reader, int count) {
  std::vector<Given> out;
  for (int i = 0; i < count; ++i) out.push_back(next(reader));
  return out;
}

TEST(BatchReader, GivesTheBatchesOfTheBucketBatcher) {
  const BucketOptions options{.batch = 8, .pool = 4, .seed = 5};
  BatchReader<Example> reader(examples(100, true), {.batches = options});
  BucketBatcher batcher(lengths(100), options);
  EXPECT_EQ(reader.batches_per_pass(), batcher.batches_per_pass());
  for (int i = 0; i < 40; ++i) {
    const auto expected = batcher.next();
    const Given got = next(reader);
    EXPECT_TRUE(std::ranges::equal(got.indices, expected.sequences));
    EXPECT_EQ(got.ends_pass, expected.ends_pass);
    EXPECT_EQ(got.whole, std::ssize(expected.sequences));
    EXPECT_EQ(reader.epoch(), batcher.epoch());
    ASSERT_EQ(got.examples.size(), got.indices.size());
    for (size_t k = 0; k < got.indices.size(); ++k) EXPECT_EQ(got.examples[k].index, got.indices[k]);
  }
}

TEST(BatchReader, DoesNotCopyWhatIsInMemory) {
  const auto data = memory_dataset<Example>({{.index = 7}}, {3});
  Random random(1);
  BatchReader<Example> reader(data, {});
  EXPECT_EQ(&*reader.next().examples[0], &*data->load(0, random));
}

TEST(BatchReader, BitsDoNotDependOnReadingAhead) {
  std::vector<std::vector<Given>> all;
  for (const int ahead : {0, 1, 2, 7}) {
    BatchReader<Example> reader(examples(300, false),
                                {.batches = {.batch = 16, .pool = 3, .seed = 11}, .read_ahead = ahead});
    all.push_back(take(reader, 60));
  }
  for (const auto& given : all) EXPECT_EQ(given, all[0]);
}

TEST(BatchReader, ExamplesDrawAnewInEveryPass) {
  BatchReader<Example> reader(examples(1, true), {});
  const Given first = next(reader), second = next(reader);
  EXPECT_NE(first.examples[0].drawn, second.examples[0].drawn);
  EXPECT_NE(random_of_example(1, 0, 1).bits(), random_of_example(1, 1, 0).bits());
  EXPECT_NE(random_of_example(1, 0, 1).bits(), random_of_example(2, 0, 1).bits());
  EXPECT_EQ(random_of_example(1, 2, 3).bits(), random_of_example(1, 2, 3).bits());
}

TEST(BatchReader, GoesOnFromACursorWhateverWasReadAhead) {
  for (const bool in_memory : {true, false}) {
    const BatchReaderOptions options{.batches = {.batch = 7, .pool = 3}, .read_ahead = 3};
    BatchReader<Example> a(examples(90, in_memory), options), b(examples(90, in_memory), options);
    take(a, 17);
    b.set_cursor(a.cursor());
    EXPECT_EQ(a.epoch(), b.epoch());
    const auto rest = take(a, 30);
    EXPECT_EQ(take(b, 30), rest);
    take(b, 5);
    b.set_cursor({});  // back to the start, while the thread is far ahead
    BatchReader<Example> fresh(examples(90, in_memory), options);
    EXPECT_EQ(take(b, 20), take(fresh, 20));
  }
}

TEST(BatchReader, RanksShareEveryBatch) {
  for (const bool in_memory : {true, false}) {
    const BucketOptions batches{.batch = 8};
    BatchReader<Example> whole(examples(50, in_memory), {.batches = batches});
    std::vector<std::unique_ptr<BatchReader<Example>>> ranks;
    for (int rank = 0; rank < 3; ++rank) {
      const BatchReaderOptions own{.batches = batches, .shard = {.rank = rank, .ranks = 3}};
      ranks.push_back(std::make_unique<BatchReader<Example>>(examples(50, in_memory), own));
    }
    for (int i = 0; i < 20; ++i) {
      const Given all = next(whole);
      std::vector<Example> joined(all.examples.size());
      for (size_t rank = 0; rank < 3; ++rank) {
        const Given share = next(*ranks[rank]);
        EXPECT_EQ(share.whole, all.whole);
        EXPECT_EQ(share.ends_pass, all.ends_pass);
        for (size_t k = 0; k < share.examples.size(); ++k) joined.at(rank + k * 3) = share.examples[k];
      }
      EXPECT_EQ(joined, all.examples);
    }
  }
}

TEST(BatchReader, SharesMayBeEmpty) {
  EXPECT_THAT(share_of({.rank = 2, .ranks = 4}, std::vector<int32_t>{5, 6}), IsEmpty());
  EXPECT_THAT(share_of({.rank = 1, .ranks = 2}, std::vector<int32_t>{5, 6, 7, 8}), ElementsAre(6, 8));
  EXPECT_ERROR(check(Shard{.rank = 2, .ranks = 2}), "there is no rank 2 of 2");
  EXPECT_ERROR(check(Shard{.rank = 0, .ranks = 0}), "there is no rank 0 of 0");
  EXPECT_ERROR((BatchReader<Example>(examples(5, true), {.shard = {-1, 2}})), "there is no rank -1 of 2");
}

TEST(BatchReader, ThrowsWhatLoadingThrowsAtItsBatch) {
  for (const int ahead : {0, 3}) {
    const auto data = function_dataset<Example>(
        std::vector<int64_t>(10, 1),
        [](int64_t i, Random&) {
          if (i == 4) fail("example 4 cannot be read");
          return Example{i, 0};
        },
        false);
    BatchReader<Example> reader(data, {.batches = {.batch = 1, .seed = 2}, .read_ahead = ahead});
    int given = 0;
    const auto read_on = [&] {
      for (; given < 10; ++given) EXPECT_NE(next(reader).indices[0], 4);
    };
    EXPECT_ERROR(read_on(), "example 4 cannot be read");
    EXPECT_ERROR(reader.next(), "example 4 cannot be read");
    EXPECT_EQ(reader.cursor().position, given);  // behind the last that was given
    reader.set_cursor({});
    if (given > 0) {
      EXPECT_EQ(next(reader).examples.size(), 1u);
    }
  }
}

TEST(BatchReader, EndsAtOnceWhileItReads) {
  std::atomic<int> loads = 0;
  const auto data = function_dataset<Example>(
      std::vector<int64_t>(20000, 1),
      [&](int64_t i, Random&) {
        if (loads++ > 0) std::this_thread::sleep_for(1ms);
        return Example{i, 0};
      },
      false);
  {
    // All that may be read ahead would take ten seconds.
    BatchReader<Example> reader(data, {.batches = {.batch = 1}, .read_ahead = 10000});
    reader.next();
  }
  EXPECT_LT(loads, 5000);
}

TEST(BatchReader, RefusesEmptyData) { EXPECT_ERROR((BatchReader<Example>(examples(0, true), {})), "no sequences"); }

}  // namespace
}  // namespace recur
