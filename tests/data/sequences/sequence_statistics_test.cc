#include "recur/data/sequences/sequence_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/sequences_of.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::Pair;

TEST(SequenceStatistics, CountsStepsValuesAndClasses) {
  const SequenceSet set =
      sequences_of("a.csv", "id,t,x,y,label\na,1,1,,p\na,2,3,,p\nb,1,5,,q\nb,2,,,q\nb,4,9,,q\nc,3,2,,p\n");
  const SequenceStatistics found = sequence_statistics(set);
  EXPECT_EQ(found.steps, 6);
  EXPECT_EQ(found.shortest, 1);
  EXPECT_EQ(found.median, 2);
  EXPECT_EQ(found.longest, 3);
  EXPECT_EQ(found.first_time, 1);
  EXPECT_EQ(found.last_time, 4);
  EXPECT_EQ(found.grid.gaps, 1);
  ASSERT_EQ(found.channels.size(), 2U);
  EXPECT_EQ(found.channels[0].missing, 1);
  EXPECT_EQ(found.channels[0].least, 1);
  EXPECT_EQ(found.channels[0].mean, 4);
  EXPECT_EQ(found.channels[0].greatest, 9);
  EXPECT_EQ(found.channels[1].present, 0);
  EXPECT_EQ(found.channels[1].greatest, 0);
  EXPECT_THAT(found.labels[0].classes, ElementsAre(Pair("p", 2), Pair("q", 1)));
  EXPECT_FALSE(found.labels[0].numbers);
}

TEST(SequenceStatistics, CountsLabelsOfSteps) {
  const SequenceStatistics found = sequence_statistics(sequences_of("a.csv", "t,x,label\n1,0,1\n2,0,\n3,0,2\n4,0,2\n"));
  ASSERT_EQ(found.labels.size(), 1U);
  EXPECT_EQ(found.labels[0].name, "label");
  EXPECT_EQ(found.labels[0].missing, 1);
  EXPECT_TRUE(found.labels[0].numbers);
  EXPECT_THAT(found.labels[0].classes, ElementsAre(Pair("2", 2), Pair("1", 1)));
}

TEST(SequenceStatistics, HoldsForASetOfNothing) {
  const SequenceStatistics found = sequence_statistics({});
  EXPECT_EQ(found.steps, 0);
  EXPECT_TRUE(found.channels.empty());
}

}  // namespace
}  // namespace recur
