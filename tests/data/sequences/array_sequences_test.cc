#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/array_bytes.h"
#include "tests/data/sequences_of.h"
#include "tests/support/pack.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::ElementsAre;

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
}

TEST(ArraySequences, RefusesOtherShapesAndSizes) {
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f4", "(1, 1, 3, 2)", kSix)), "an array of shape (1, 1, 3, 2)");
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f4", "(6,)", kSix), {.max_values = 5}), "more than the 5 values");
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f8", "(1,)", f64_bytes({1e300}))),
               "element 1 is 1e+300, beyond the range");
  EXPECT_ERROR(sequences_of("a.npy", npy_of("<f4", "(0, 3)", "")), "no sequence in it");
}

}  // namespace
}  // namespace recur
