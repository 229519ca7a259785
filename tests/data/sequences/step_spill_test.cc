#include "recur/data/sequences/step_spill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "recur/data/sequences/sequence_statistics.h"
#include "tests/data/array_bytes.h"
#include "tests/data/sequences_of.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool same_values(std::span<const float> a, std::span<const float> b) {
  return std::ranges::equal(a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

void expect_same(const Sequence& a, const Sequence& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_TRUE(same_values(a.values, b.values)) << a.id;
  EXPECT_EQ(a.times, b.times);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.step_labels, b.step_labels);
  EXPECT_EQ(a.statics, b.statics);
  EXPECT_EQ(a.place.file, b.place.file);
  EXPECT_EQ(a.place.line, b.place.line);
}

void expect_same_statistics(const SequenceSet& a, const SequenceSet& b) {
  const SequenceStatistics one = sequence_statistics(a), two = sequence_statistics(b);
  EXPECT_EQ(one.steps, two.steps);
  EXPECT_EQ(one.longest, two.longest);
  EXPECT_EQ(one.first_time, two.first_time);
  EXPECT_EQ(one.last_time, two.last_time);
  EXPECT_EQ(one.grid.step.count, two.grid.step.count);
  EXPECT_EQ(one.grid.gaps, two.grid.gaps);
  ASSERT_EQ(one.channels.size(), two.channels.size());
  for (size_t c = 0; c < one.channels.size(); ++c) {
    EXPECT_EQ(one.channels[c].mean, two.channels[c].mean);
    EXPECT_EQ(one.channels[c].missing, two.channels[c].missing);
  }
  ASSERT_EQ(one.labels.size(), two.labels.size());
  for (size_t i = 0; i < one.labels.size(); ++i) EXPECT_EQ(one.labels[i].classes, two.labels[i].classes);
}

// The set is the same whether it is in memory or on disk.
void expect_same(const SequenceSet& memory, const SequenceSet& disk) {
  EXPECT_TRUE(memory.in_memory());
  EXPECT_FALSE(disk.in_memory());
  ASSERT_EQ(memory.size(), disk.size());
  EXPECT_EQ(memory.notes, disk.notes);
  EXPECT_EQ(memory.step_classes, disk.step_classes);
  EXPECT_EQ(channel_names(memory), channel_names(disk));
  EXPECT_EQ(memory.columns, disk.columns);
  for (int64_t i = 0; i < memory.size(); ++i) {
    const Sequence& kept = disk.sequences[static_cast<size_t>(i)];
    EXPECT_THAT(kept.values, IsEmpty());
    EXPECT_THAT(kept.times, IsEmpty());
    EXPECT_EQ(disk.length(kept), memory.length(memory.sequences[static_cast<size_t>(i)]));
    const auto a = memory.load(i), b = disk.load(i);
    EXPECT_FALSE(a.owned());
    EXPECT_TRUE(b.owned());
    expect_same(*a, *b);
  }
  expect_same_statistics(memory, disk);
}

// Memory for nothing: everything goes to disk at once. A little: it goes in several rounds.
void check_budgets(const std::string& name, const std::string& text, SequenceOptions options = {}) {
  options.memory_bytes = 1 << 30;
  const SequenceSet memory = sequences_of(name, text, options);
  for (const int64_t bytes : {int64_t{1}, std::max<int64_t>(bytes_in_memory(memory) / 3, 1)}) {
    options.memory_bytes = bytes;
    expect_same(memory, sequences_of(name, text, options));
  }
}

// "id,time,x,y,state,label" with ids in turn or in random order.
std::string long_table(int rows, int sequences, bool in_turn) {
  Random random(3);
  std::string text = "id,time,x,y,state,label\n";
  std::vector<int> steps(static_cast<size_t>(sequences));
  for (int row = 0; row < rows; ++row) {
    const auto id =
        in_turn ? static_cast<uint64_t>(row * sequences / rows) : random.below(static_cast<uint64_t>(sequences));
    const int time = steps[id]++;
    text += fmt::format("s{},{},{},{},{},{}\n", id, time, row % 7 == 0 ? "" : fmt::format("{}", row * 0.5), row,
                        row % 3 == 0 ? "up" : "down", id % 2 == 0 ? "even" : "odd");
  }
  return text;
}

SequenceOptions with_step_labels() {
  SequenceOptions options;
  options.columns = {.labels = {"label"}, .step_labels = {"state"}};
  return options;
}

TEST(StepSpill, LongTablesAreTheSameOnDisk) { check_budgets("a.csv", long_table(500, 7, true), with_step_labels()); }

TEST(StepSpill, RowsOfSequencesMayAlternate) { check_budgets("a.csv", long_table(500, 7, false), with_step_labels()); }

TEST(StepSpill, ATableMayBeOneSequence) {
  std::string text = "time,x\n";
  for (int t = 0; t < 300; ++t) text += fmt::format("{},{}\n", t, t * 3);
  check_budgets("a.csv", text);
}

TEST(StepSpill, RowsAreSortedAndMergedOneSequenceAtATime) {
  SequenceOptions options;
  options.sort_time = true;
  options.repeats = Repeats::kMean;
  std::string text = "id,time,x\n";
  for (int i = 0; i < 60; ++i) text += fmt::format("{},{},{}\n", i % 3 == 0 ? "a" : "b", i * 7 % 20, i);
  options.columns = {.id = "id", .time = "time"};
  check_budgets("a.csv", text, options);
}

TEST(StepSpill, TimesAreCheckedAcrossWhatIsOnDisk) {
  const auto read = [](const std::string& text) { sequences_of("a.csv", text, {.memory_bytes = 1}); };
  EXPECT_ERROR(read("id,time,x\na,1,1\na,2,1\na,1,1\n"), "the time 1 of sequence 'a' lies before 2");
  EXPECT_ERROR(read("id,time,x\na,1,1\na,2,1\na,2,1\n"), "sequence 'a' has the time 2 twice");
}

TEST(StepSpill, ObservationsAreTheSameOnDisk) {
  Random random(5);
  std::string text = "id,time,parameter,value\n";
  for (int i = 0; i < 400; ++i) {
    text += fmt::format("p{},{},{},{}\n", random.below(5), i, i % 3 == 0 ? "pulse" : i % 3 == 1 ? "oxygen" : "age", i);
  }
  SequenceOptions options;
  options.columns = {.statics = {"age"}};
  check_budgets("a.csv", text, options);
  options.sort_time = true;
  options.repeats = Repeats::kLast;
  check_budgets("a.csv", text + "p1,3,pulse,5\np1,3,pulse,6\np0,3,oxygen,\n", options);
}

TEST(StepSpill, WideTablesAreTheSameOnDisk) {
  std::string text = "id,label,v1,v2,v3,v4,v5,v6,v7,v8\n";
  for (int i = 0; i < 50; ++i) text += fmt::format("s{},{},1,2,3,{},5,,7,{}\n", i, i % 2, i, i % 5 == 0 ? "" : "8");
  check_budgets("a.csv", text);
}

TEST(StepSpill, FilesOfTheirOwnFormatAreTheSameOnDisk) {
  std::string ts = "@problemName x\n@timeStamps false\n@dimensions 2\n@classLabel true a b\n@data\n";
  std::string stamped = "@problemName x\n@timeStamps true\n@classLabel false\n@data\n";
  std::string tsf = "@attribute series_name string\n@attribute start date\n@frequency daily\n@data\n";
  std::string json;
  for (int i = 1; i < 40; ++i) {
    ts += fmt::format("1,{},?:4,5,{}:{}\n", i, i * 2, i % 2 == 0 ? "a" : "b");
    stamped += fmt::format("(1,{}),(2,3)\n", i);
    tsf += fmt::format("T{}:2000-01-0{} 00-00-00:1,2,{}\n", i, i % 9 + 1, i);
    json += fmt::format(R"({{"id": "j{}", "x": [1, null, {}], "time": [1, 2, 3], "labels": ["u", "v", null]}})", i, i) +
            "\n";
  }
  check_budgets("a.ts", ts);
  check_budgets("b.ts", stamped);
  check_budgets("a.tsf", tsf);
  check_budgets("a.jsonl", json);
}

TEST(StepSpill, JsonSequencesWithoutStepLabelsStayWithout) {
  SequenceOptions options;
  options.columns = {
      .layout = Layout::kWide, .complete = true, .time = "time", .values = {"x"}, .step_labels = {"state"}};
  options.need_labels = false;
  check_budgets("a.jsonl",
                "{\"x\": [1, 2], \"time\": [1, 2], \"state\": [\"u\", \"v\"]}\n{\"x\": [3], \"time\": [1]}\n{\"x\": "
                "[], \"time\": []}\n",
                options);
}

TEST(StepSpill, WhatFitsIsInMemoryThoughItWasOnDiskWhileItGrew) {
  const std::string text = long_table(500, 7, false);
  const int64_t bytes = bytes_in_memory(sequences_of("a.csv", text, with_step_labels()));
  SequenceOptions options = with_step_labels();
  options.memory_bytes = bytes;
  EXPECT_TRUE(sequences_of("a.csv", text, options).in_memory());
  options.memory_bytes = bytes - 1;
  EXPECT_FALSE(sequences_of("a.csv", text, options).in_memory());
}

TEST(StepSpill, FilesShareTheMemory) {
  std::vector<DataFile> files;
  for (int i = 0; i < 20; ++i) {
    std::string text = "id,time,x,state\n";
    for (int t = 0; t < 10; ++t)
      text += fmt::format("f{},{},{},{}\n", i, t, i * 100 + t, (t + i) % 3 == 0 ? "up" : "down");
    files.push_back(DataFile::from_memory(fmt::format("{}.csv", i), text));
  }
  SequenceOptions options;
  options.columns = {.step_labels = {"state"}};
  const SequenceSet memory = read_sequences(files, options);
  for (const int64_t bytes : {1, 500, 1000, 3000}) {
    options.memory_bytes = bytes;
    const SequenceSet disk = read_sequences(files, options);
    expect_same(memory, disk);
    if (bytes >= 1000) {
      EXPECT_LE(disk.stores.size(), 3u);  // small files share a scratch file
    }
  }
}

TEST(StepSpill, ValuesMayBeMoreThanMemoryHoldsButNotMoreThanAreWanted) {
  EXPECT_ERROR(sequences_of("a.csv", "t,x\n1,2\n2,3\n3,4\n", {.memory_bytes = 1, .max_values = 2}),
               "more than 2 values");
}

TEST(StepSpill, TheEnvironmentSetsTheMemory) {
  ::setenv("RECUR_DATA_MEMORY", "1", 1);
  const SequenceSet disk = sequences_of("a.csv", "t,x\n1,2\n2,3\n3,4\n");
  ::unsetenv("RECUR_DATA_MEMORY");
  EXPECT_FALSE(disk.in_memory());
  EXPECT_THAT(disk.load(0)->values, ElementsAre(2, 3, 4));
}

TEST(StepSpill, NothingIsLeftInTheScratchFolder) {
  const testing::Scratch folder;
  ::setenv("TMPDIR", folder.folder().c_str(), 1);
  const SequenceSet disk = sequences_of("a.csv", long_table(100, 3, false), {.memory_bytes = 1});
  ::unsetenv("TMPDIR");
  EXPECT_FALSE(disk.in_memory());
  EXPECT_TRUE(std::filesystem::is_empty(folder.folder()));
}

}  // namespace
}  // namespace recur
