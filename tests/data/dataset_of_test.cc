#include "recur/data/dataset_of.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "recur/data/batch_reader.h"
#include "tests/data/sequences_of.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const SequenceSet> series(int64_t memory_bytes) {
  std::string text = "id,time,x\n";
  for (int row = 0; row < 600; ++row) text += fmt::format("s{},{},{}\n", row % 40, row / 40, row);
  return std::make_shared<const SequenceSet>(sequences_of("a.csv", text, {.memory_bytes = memory_bytes}));
}

TEST(DatasetOf, SeriesAreTheSameInMemoryAndOnDisk) {
  const auto memory = dataset_of(series(1 << 30)), disk = dataset_of(series(1));
  EXPECT_TRUE(memory->in_memory());
  EXPECT_FALSE(disk->in_memory());
  ASSERT_EQ(memory->size(), disk->size());
  Random random(1);
  for (int64_t i = 0; i < memory->size(); ++i) {
    EXPECT_EQ(memory->length(i), disk->length(i));
    EXPECT_EQ(memory->load(i, random)->values, disk->load(i, random)->values);
  }
  EXPECT_FALSE(memory->load(0, random).owned());
}

// In the order of a disk both give the same batches: where examples lie changes nothing else.
TEST(DatasetOf, BatchesOfSeriesAreTheSameInMemoryAndOnDisk) {
  const BatchReaderOptions options{.batches = {.batch = 6, .pool = 3, .run = 8}};
  BatchReader<Sequence> memory(dataset_of(series(1 << 30)), options), disk(dataset_of(series(1)), options);
  for (int i = 0; i < 20; ++i) {
    const auto a = memory.next(), b = disk.next();
    ASSERT_EQ(a.indices, b.indices);
    for (size_t k = 0; k < a.indices.size(); ++k) EXPECT_EQ(a.examples[k]->values, b.examples[k]->values);
  }
}

TEST(DatasetOf, AnyNumberOfThreadsMayLoad) {
  const auto disk = dataset_of(series(1));
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      Random random(1);
      for (int64_t i = 0; i < disk->size(); ++i) {
        const auto loaded = disk->load(i, random);
        wrong += loaded->values.size() == 15 && loaded->values[1] == static_cast<float>(40 + i) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(DatasetOf, TextsAndSentencesLoadFromDisk) {
  const std::vector<DataFile> lines{DataFile::from_memory("a.txt", "pos good film\nneg bad\n")};
  const auto rows = dataset_of(std::make_shared<const TextRows>(read_text_rows(lines, {.memory_bytes = 1})), {2, 1});
  Random random(1);
  EXPECT_EQ(rows->load(1, random)->text, "bad");
  EXPECT_THAT(lengths_of(*rows), ElementsAre(2, 1));
  const std::vector<DataFile> conll{DataFile::from_memory("a.conll", "a X\nb Y\n\nc X\n")};
  const auto text = dataset_of(std::make_shared<const TaggedText>(read_tagged_text(conll, {.memory_bytes = 1})));
  EXPECT_THAT(lengths_of(*text), ElementsAre(2, 1));
  EXPECT_THAT(text->load(0, random)->tags, ElementsAre("X", "Y"));
}

}  // namespace
}  // namespace recur
