#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/data/array_bytes.h"
#include "tests/data/sequences_of.h"
#include "tests/support/pack.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

const std::string kSix = f32_bytes({1, 2, 3, 4, 5, 6});

TEST(ArraySequences, TakesTheFirstAxisForSequences) {
  const SequenceSet flat = sequences_of("a.npy", npy_of("<f4", "(2, 3)", kSix));
  EXPECT_EQ(flat.size(), 2);
  EXPECT_THAT(flat.sequences[1].values, ElementsAre(4, 5, 6));
  const SequenceSet deep = sequences_of("a.npy.xz", xz(npy_of("<f4", "(1, 3, 2)", kSix)));
  EXPECT_EQ(deep.width(), 2);
  EXPECT_EQ(deep.length(deep.sequences[0]), 3);
  EXPECT_THAT(sequences_of("a.npy", npy_of("<f4", "(6,)", kSix)).size(), 1);
  const SequenceSet one = sequences_of("a.npy", npy_of("<f4", "(3, 2)", kSix), {.columns = {.layout = Layout::kLong}});
  EXPECT_THAT(channel_names(one), ElementsAre("#1", "#2"));
  EXPECT_THAT(one.step(one.sequences[0], 1), ElementsAre(3, 4));
  const SequenceSet two =
      sequences_of("a.npy", npy_of("<f4", "(2, 1, 3)", kSix), {.columns = {.layout = Layout::kLong}});
  EXPECT_EQ(two.size(), 2);
}

TEST(ArraySequences, TakesLabelsFromTheSameNpz) {
  const std::string x = npy_of("<f4", "(2, 3)", kSix), y = npy_of("<i4", "(2,)", little(7, 4) + little(9, 4));
  const SequenceSet set = sequences_of("a.npz", zip_of({{"y.npy", y}, {"X.npy", x}}, true));
  EXPECT_THAT(labels(set), ElementsAre("7", "9"));
  const SequenceSet named = sequences_of("a.npz", zip_of({{"b.npy", y}, {"a.npy", x}}, true),
                                         {.columns = {.values = {"a"}, .labels = {"b"}}});
  EXPECT_THAT(labels(named), ElementsAre("7", "9"));
  EXPECT_ERROR(sequences_of("a.npz", zip_of({{"b.npy", y}, {"a.npy", x}}, true)),
               "which of its 2 arrays has the values?");
  EXPECT_ERROR(sequences_of("a.npz", zip_of({{"x.npy", x}, {"y.npy", x}}, true)),
               "'y' has shape (2, 3), expected a label for each of 2");
  const std::string huge = npy_of("<i8", "(2,)", little((1LL << 60) + 1, 8) + little((1LL << 60) + 2, 8));
  EXPECT_ERROR(sequences_of("a.npz", zip_of({{"x.npy", x}, {"y.npy", huge}}, true)), "cannot be told apart");
}

TEST(ArraySequences, RefusesOtherShapesAndSizes) {
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f4", "(1, 1, 3, 2)", kSix)), "an array of shape (1, 1, 3, 2)");
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f4", "(6,)", kSix), {.max_values = 5}), "more than the 5 values");
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f8", "(1,)", f64_bytes({1e300}))),
               "element 1: 1e+300 is beyond the range");
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f4", "(0, 3)", "")), "an axis of the array is empty");
}

TEST(ArraySequences, KeepsTheDigitsOfHighValuesAndTakesSentinelsForMissing) {
  std::vector<double> values;
  for (int i = 0; i < 20; ++i) values.push_back(1e8 + i % 7 / 10.0);
  const SequenceSet set = sequences_of("a.npy", npy_of("<f8", "(20,)", f64_bytes(values)));
  const double offset = set.channels[0].offset;
  EXPECT_NEAR(offset, 1e8, 1);
  EXPECT_EQ(set.columns.offset("#1"), offset);
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(set.sequences[0].values[i] + offset, values[i], 1e-7);
  const SequenceSet missing =
      sequences_of("a.npy", npy_of("<f8", "(3,)", f64_bytes({1, -1e38, 2})), {.missing = "-1e38"});
  EXPECT_TRUE(std::isnan(missing.sequences[0].values[1]));
}

TEST(ArraySequences, NamesArchivesWithoutArrays) {
  EXPECT_ERROR(sequences_of("a.xlsx", zip_of({{"[Content_Types].xml", "<?xml?>"}, {"xl/workbook.xml", "<a/>"}}, true)),
               "a.xlsx: this is an Office document, such as an Excel workbook (.xlsx); save it as CSV");
  EXPECT_ERROR(sequences_of("a.zip", zip_of({{"a.csv", "t,x\n1,2\n"}}, true)), "a.zip: this is a zip archive");
}

}  // namespace
}  // namespace recur
