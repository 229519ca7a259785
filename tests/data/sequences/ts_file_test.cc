#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;
using testing::IsNan;

const std::string kHeader = "# a comment\n@problemName Test\n@timeStamps false\n@classLabel true a b\n@data\n";

TEST(TsFile, ReadsOneDimension) {
  const SequenceSet set = sequences_of("a.ts", kHeader + "1,?,3:a\n4,5:b\n");
  EXPECT_THAT(labels(set), ElementsAre("a", "b"));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(FloatEq(1), IsNan(), FloatEq(3)));
  EXPECT_EQ(set.length(set.sequences[1]), 2);
  EXPECT_THAT(set.stated_classes, ElementsAre("a", "b"));
  EXPECT_EQ(set.where(set.sequences[1]), "a.ts:7");
}

TEST(TsFile, ReadsSeveralDimensions) {
  const SequenceSet set = sequences_of("a.ts", "@dimensions 2\n@classLabel true 1 2\n@data\n1,2:10,20:1.0\n3:30:2\n");
  EXPECT_THAT(channel_names(set), ElementsAre("#1", "#2"));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(1, 10, 2, 20));
  EXPECT_THAT(labels(set), ElementsAre("1", "2"));
}

TEST(TsFile, ReadsRegressionTargetsAndUnlabelledCases) {
  EXPECT_THAT(labels(sequences_of("a.ts", "@targetLabel true\n@data\n1,2:0.5\n")), ElementsAre("0.5"));
  EXPECT_THAT(sequences_of("a.ts", "@classLabel false\n@data\n1,2\n").labels, IsEmpty());
}

TEST(TsFile, KnowsThatTargetsAreValues) {
  EXPECT_TRUE(sequences_of("a.ts", "@targetLabel true\n@data\n1,2:3\n").stated_values);
  EXPECT_FALSE(sequences_of("a.ts", "@classLabel true 3 4\n@data\n1,2:3\n").stated_values);
}

TEST(TsFile, ReadsTimeStamps) {
  const SequenceSet numbers = sequences_of("a.ts", "@timeStamps true\n@data\n(0,1),(2,3) : (0,10),(2,30)\n");
  EXPECT_THAT(numbers.sequences[0].times, ElementsAre(0, 2));
  EXPECT_THAT(numbers.sequences[0].values, ElementsAre(1, 10, 3, 30));
  const SequenceSet dates = sequences_of(
      "a.ts", "@timeStamps true\n@classLabel true a\n@data\n(1970-01-01 00:01:00,1),(1970-01-02 00:00,?):a\n");
  EXPECT_THAT(dates.sequences[0].times, ElementsAre(60, 86400));
  EXPECT_THAT(labels(dates), ElementsAre("a"));
}

TEST(TsFile, NamesWhatIsWrong) {
  EXPECT_ERROR(sequences_of("a.ts", kHeader + "1,2:c\n"), "a.ts:6: the label 'c' is not among those of @classLabel");
  EXPECT_ERROR(sequences_of("a.ts", kHeader + "1,2\n"), "a.ts:6: expected values and a label");
  EXPECT_ERROR(sequences_of("a.ts", kHeader + "1,x:a\n"), "a.ts:6: dimension 1, step 2: expected a number, got 'x'");
  EXPECT_ERROR(sequences_of("a.ts", kHeader + "1,inf:a\n"), "expected a number, got 'inf'");
  EXPECT_ERROR(sequences_of("a.ts", kHeader + "1:2:a\n1:a\n"), "a.ts:7: expected 2 dimensions and a label, got 1");
  EXPECT_ERROR(sequences_of("a.ts", kHeader + "1,2:3:a\n"), "dimension 2 has 1 steps, the first has 2");
  EXPECT_ERROR(sequences_of("a.ts", "@dimensions 3\n@data\n1:2\n"), "@dimensions is 3, but there are 2");
  EXPECT_ERROR(sequences_of("a.ts", "@timeStamps true\n@data\n(0,1):(1,1)\n"), "dimension 2 has other times");
  EXPECT_ERROR(sequences_of("a.ts", "@timeStamps true\n@data\n(1,1),(0,1)\n"), "times do not rise");
  EXPECT_ERROR(sequences_of("a.ts", "@timeStamps true\n@data\n(1;1)\n"), "expected '(time,value)'");
  EXPECT_ERROR(sequences_of("a.ts", "@problemName x\n"), "a.ts: there is no @data");
  EXPECT_ERROR(sequences_of("a.ts", "1,2,3\n"), "a.ts:1: expected a line that begins with @");
  EXPECT_ERROR(sequences_of("a.ts", kHeader), "a.ts: no sequence in it");
}

}  // namespace
}  // namespace recur
