// The three layouts of a table against each other: the same sequences must come out of all of them.
#include "recur/data/sequences/table_sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::NanSensitiveFloatEq;
using ::testing::Pointwise;

using Reader = SequenceSet (*)(OpenTable, const SequenceOptions&);

SequenceSet read(Reader reader, const std::string& text, const Columns& columns, int64_t most = 1000) {
  SequenceOptions options;
  options.columns = columns;
  options.columns.complete = true;
  options.header = "yes";
  options.max_values = most;
  return reader(open_csv(DataFile::from_memory("a.csv", text), options), options);
}

const Columns kLong{.layout = Layout::kLong, .id = "id", .time = "t", .values = {"x"}, .labels = {"label"}};
const Columns kWide{.layout = Layout::kWide, .id = "id", .labels = {"label"}};
const Columns kObservations{.layout = Layout::kObservations,
                            .id = "id",
                            .time = "t",
                            .values = {"x"},
                            .labels = {"label"},
                            .parameter = "what",
                            .value = "value"};

TEST(TableSequences, LongAndWideTablesGiveTheSameSequences) {
  const SequenceSet by_steps = read(read_long, "id,t,x,label\na,1,1.5,u\na,2,,u\na,3,3,u\nb,1,7,v\n", kLong);
  const SequenceSet by_rows = read(read_wide, "id,label,1,2,3\na,u,1.5,,3\nb,v,7,,\n", kWide);
  ASSERT_EQ(by_steps.size(), 2);
  ASSERT_EQ(by_rows.size(), 2);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(by_rows.sequences[i].id, by_steps.sequences[i].id);
    EXPECT_EQ(by_rows.sequences[i].labels, by_steps.sequences[i].labels);
    EXPECT_THAT(by_rows.sequences[i].values, Pointwise(NanSensitiveFloatEq(), by_steps.sequences[i].values));
  }
}

TEST(TableSequences, LongTablesAndObservationsGiveTheSameSequences) {
  const SequenceSet by_steps = read(read_long, "id,t,x,label\na,1,1.5,u\na,3,3,u\nb,1,7,v\n", kLong);
  const SequenceSet each =
      read(read_observations, "id,t,what,value,label\na,1,x,1.5,u\na,3,x,3,u\nb,1,x,7,v\n", kObservations);
  ASSERT_EQ(each.size(), 2);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(each.sequences[i].id, by_steps.sequences[i].id);
    EXPECT_EQ(each.sequences[i].times, by_steps.sequences[i].times);
    EXPECT_EQ(each.sequences[i].values, by_steps.sequences[i].values);
    EXPECT_EQ(each.sequences[i].labels, by_steps.sequences[i].labels);
  }
}

TEST(TableSequences, RowsOfSequencesThatAreMixedComeApartInOrder) {
  const SequenceSet set = read(read_long, "id,t,x,label\nb,1,1,v\na,1,2,u\nb,2,3,v\na,2,4,u\n", kLong);
  EXPECT_EQ(set.sequences[0].id, "b");
  EXPECT_THAT(set.sequences[0].values, ElementsAre(1, 3));
  EXPECT_THAT(set.sequences[1].values, ElementsAre(2, 4));
}

TEST(TableSequences, ATableOfItsHeaderAloneHasNoSequences) {
  EXPECT_EQ(read(read_long, "id,t,x,label\n", kLong).size(), 0);
  EXPECT_EQ(read(read_wide, "id,label,1,2\n", kWide).size(), 0);
}

TEST(TableSequences, ASequenceOfFillingAloneIsEmpty) {
  const SequenceSet set = read(read_wide, "id,label,1,2\na,u,,\nb,v,1,NA\n", kWide);
  EXPECT_TRUE(set.sequences[0].values.empty());
  EXPECT_THAT(set.sequences[1].values, ElementsAre(1));
}

TEST(TableSequences, HoldNoMoreValuesThanAllowed) {
  const std::string text = "id,t,x,label\na,1,1,u\na,2,1,u\na,3,1,u\n";
  EXPECT_NO_THROW(read(read_long, text, kLong, 3));
  EXPECT_ERROR(read(read_long, text, kLong, 2), "a.csv: more than 2 values");
  EXPECT_ERROR(read(read_wide, "id,label,1,2\na,u,1,2\n", kWide, 1), "a.csv: more than 1 values");
}

}  // namespace
}  // namespace recur::internal
