#include "recur/data/sequences/read_sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/data/array_bytes.h"
#include "tests/data/sequences_of.h"
#include "tests/support/pack.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(ReadSequences, TellsFormatsByNameAndFirstBytes) {
  const auto format = [](const std::string& name, std::string bytes) {
    return sequence_format(DataFile::from_memory(name, std::move(bytes)));
  };
  EXPECT_EQ(format("a.ts", ""), "ts");
  EXPECT_EQ(format("a.tsf.gz", ""), "tsf");
  EXPECT_EQ(format("a.ndjson", ""), "jsonl");
  EXPECT_EQ(format("a.txt", "\n {\"x\": 1}"), "jsonl");
  EXPECT_EQ(format("a.bin", npy_of("<f4", "(0,)", "")), "npy");
  EXPECT_EQ(format("images-idx3-ubyte.gz", gzip(idx_of(0x08, {1, 1, 1}, "a"))), "idx");
  EXPECT_EQ(format("a.csv", "1,2"), "csv");
  EXPECT_EQ(format("a", ""), "csv");
}

TEST(ReadSequences, ReadsCompressedTablesAsTheyAre) {
  const std::string text = "\xEF\xBB\xBFt,x\r\n1,2\r\n2,3\r\n";
  for (const std::string& bytes : {text, gzip(text), xz(text), zstd(text)}) {
    const SequenceSet set = sequences_of("a.csv", bytes);
    EXPECT_THAT(channel_names(set), ElementsAre("x"));
    EXPECT_THAT(set.sequences[0].values, ElementsAre(2, 3));
  }
}

TEST(ReadSequences, ReadsFilesByTheColumnsOfTheFirst) {
  const testing::Scratch folder;
  const auto a = folder.put("a.csv", "id,t,x\na,1,5\na,2,6\n"), b = folder.put("b.csv", "x,id,t\n7,a,1\n");
  const SequenceSet set = read_sequences({a, b});
  EXPECT_THAT(ids(set), ElementsAre("a", "a"));
  EXPECT_EQ(set.where(set.sequences[1]), b.string() + ":2");
  const auto c = folder.put("c.csv", "id,t,y\na,1,5\n");
  EXPECT_ERROR(read_sequences({a, c}), "there is no column 'x'");
  EXPECT_ERROR(read_sequences({a, b}, {.max_values = 2}), "b.csv: more than");
}

TEST(ReadSequences, TakesOptionsOfTheTable) {
  const SequenceSet set = sequences_of("a.txt", "t;x\n1;2\n", {.format = "csv", .delimiter = ";"});
  EXPECT_THAT(set.sequences[0].values, ElementsAre(2));
  EXPECT_THAT(sequences_of("a.txt", "t\tx\n1\t2\n", {.format = "tsv"}).sequences[0].values, ElementsAre(2));
  EXPECT_ERROR(sequences_of("a.csv", "t,x\n1,2\n", {.format = "arff"}), "unknown format 'arff'");
  EXPECT_ERROR(sequences_of("a.csv", "t,x\n1,2\n", {.delimiter = "::"}), "delimiter: expected one character");
  EXPECT_ERROR(repeats_from_name("most"), "expected one of fail, first, last, mean, got 'most'");
  EXPECT_EQ(repeats_from_name("mean"), Repeats::kMean);
}

TEST(ReadSequences, NotesChannelsWithoutAnyValue) {
  const SequenceSet set = sequences_of("a.csv", "t,x,y,z\n1,,5,NA\n2,,6,\n", {});
  EXPECT_THAT(set.notes, ElementsAre("2 of 3 channels have no value at all, the first is x"));
  EXPECT_THAT(sequences_of("b.csv", "t,x,y,z\n1,,5,NA\n", {.columns = set.columns}).notes, ::testing::IsEmpty());
}

TEST(ReadSequences, RefusesEmptyAndBinaryFiles) {
  const testing::Scratch folder;
  EXPECT_ERROR(sequences_of("a.csv", ""), "a.csv: no row in it");
  EXPECT_ERROR(sequences_of("a.csv", "\n\n"), "a.csv: no row in it");
  EXPECT_ERROR(sequences_of("a.csv", "t,x\n"), "a.csv: no");
  EXPECT_ERROR(sequences_of("a.jsonl", ""), "a.jsonl: no object in it");
  EXPECT_ERROR(sequences_of("a.csv", std::string("\x7F"
                                                 "ELF\0\1\2",
                                                 7)),
               "a.csv: this is a program");
  EXPECT_ERROR(read_sequences({folder.folder() / "none.csv"}), "No such file");
  EXPECT_ERROR(read_sequences(std::vector<std::filesystem::path>{}), "no file given");
}

// Changed and cut files of every format end in sequences or an Error, and what is read keeps the promises of Sequence.
TEST(ReadSequences, SurvivesMutatedFiles) {
  const std::vector<std::pair<std::string, std::string>> files{
      {"a.csv", "id,t,x,label\na,1,5,p\na,2,6,p\nb,1,7,q\n"},
      {"b.csv", "H1,1,2,3\nH2,4\n"},
      {"c.csv", "id,time,parameter,value\na,00:30,x,1\na,01:00,y,2\n"},
      {"a.jsonl", "{\"id\": 1, \"x\": [1, 2], \"times\": [1, 2], \"label\": \"p\"}\n"},
      {"a.ts", "@timeStamps true\n@classLabel true a\n@data\n(1,2),(2,3):a\n"},
      {"a.tsf", "@attribute n string\n@attribute s date\n@frequency monthly\n@data\nT1:1990-01-31:1,2,?\n"},
      {"a.npy", npy_of("<f4", "(2, 2)", f32_bytes({1, 2, 3, 4}), true)},
      {"a.npz", zip_of({{"x.npy", npy_of("<f4", "(2, 1)", f32_bytes({1, 2}))}}, true)},
      {"a.idx", idx_of(0x08, {2, 2}, "abcd")},
      {"a.csv.gz", gzip("t,x\n1,2\n")}};
  std::mt19937 random(1);
  const auto pick = [&random](size_t below) { return std::uniform_int_distribution<size_t>(0, below - 1)(random); };
  constexpr std::string_view kInteresting = ",:;\n\r\t\"'[]{}()0-9.eE?N\0\xFF";
  for (const auto& [name, bytes] : files) {
    EXPECT_THAT(sequences_of(name, bytes).sequences, ::testing::Not(::testing::IsEmpty())) << name;
    for (int round = 0; round < 300; ++round) {
      std::string changed = bytes;
      for (size_t edits = pick(3) + 1; edits > 0; --edits) {
        if (pick(8) == 0) changed.resize(pick(changed.size()) + 1);
        const char letter = pick(2) == 0 ? kInteresting[pick(kInteresting.size())] : static_cast<char>(pick(256));
        changed[pick(changed.size())] = letter;
      }
      try {
        const SequenceSet set = sequences_of(name, changed, {.max_values = 10000});
        for (const Sequence& s : set.sequences) {
          const auto steps = static_cast<size_t>(set.length(s));
          ASSERT_EQ(s.values.size(), steps * set.channels.size());
          ASSERT_TRUE(s.times.empty() || s.times.size() == steps);
          ASSERT_THAT(s.labels, SizeIs(set.labels.size()));
          ASSERT_THAT(s.statics, SizeIs(set.statics.size()));
        }
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace recur
