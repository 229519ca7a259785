#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::FloatEq;
using testing::IsNan;

const std::string kStay =
    "RecordID,Time,Parameter,Value\n"
    "7,00:00,Age,54\n7,00:00,HR,80\n7,01:30,Temp,37.5\n7,01:30,HR,-1\n7,02:00,HR,90\n8,00:30,Temp,36\n";

TEST(ObservationTable, MakesAStepOfEveryTime) {
  const SequenceSet set = sequences_of("a.csv", kStay, {.missing = "-1"});
  EXPECT_EQ(set.columns.layout, Layout::kObservations);
  EXPECT_THAT(ids(set), ElementsAre("7", "8"));
  EXPECT_THAT(channel_names(set), ElementsAre("Age", "HR", "Temp"));
  EXPECT_THAT(set.sequences[0].times, ElementsAre(0, 1.5, 2));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(FloatEq(54), FloatEq(80), IsNan(), IsNan(), IsNan(), FloatEq(37.5),
                                                   IsNan(), FloatEq(90), IsNan()));
}

TEST(ObservationTable, TakesParametersForChannelsAndStaticsAsDeclared) {
  const SequenceSet set = sequences_of("a.csv", kStay, {.columns = {.values = {"Temp", "HR"}, .statics = {"Age"}}});
  EXPECT_THAT(channel_names(set), ElementsAre("Temp", "HR"));
  EXPECT_THAT(set.sequences[0].statics, ElementsAre("54"));
  EXPECT_THAT(set.sequences[1].statics, ElementsAre(""));
  const SequenceSet temperature = sequences_of("a.csv", kStay, {.columns = {.values = {"Temp"}}});
  EXPECT_THAT(temperature.notes, ElementsAre("a.csv: 4 rows of parameters that are not used were left out"));
}

TEST(ObservationTable, HoldsHighValuesLessAnOffset) {
  std::string text = "time,parameter,value\n";
  for (int i = 0; i < 20; ++i) text += std::to_string(i) + ",meter," + std::to_string(100000000 + i % 5) + "\n";
  const SequenceSet set = sequences_of("a.csv", text);
  ASSERT_EQ(set.channels.size(), 1u);
  EXPECT_EQ(set.channels[0].offset, 100000002);
  EXPECT_EQ(set.sequences[0].values[4], 2);
}

TEST(ObservationTable, ReadsTheSameChannelsAgain) {
  const SequenceSet first = sequences_of("a.csv", kStay);
  const SequenceSet again = sequences_of("b.csv", "RecordID,Time,Parameter,Value\n9,00:00,New,1\n9,00:00,Temp,2\n",
                                         {.columns = first.columns});
  EXPECT_EQ(channel_names(again), channel_names(first));
  EXPECT_THAT(again.sequences[0].values, ElementsAre(IsNan(), IsNan(), FloatEq(2)));
}

TEST(ObservationTable, MergesRepeatsAndSortsWhereAsked) {
  const std::string text = "id,time,variable,value\na,2,x,1\na,2,x,4\na,1,x,7\na,2,y,5\n";
  const SequenceSet set = sequences_of("a.csv", text, {.repeats = Repeats::kMean, .sort_time = true});
  EXPECT_THAT(set.sequences[0].times, ElementsAre(1, 2));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(FloatEq(7), IsNan(), FloatEq(2.5), FloatEq(5)));
  EXPECT_EQ(set.notes.size(), 2U);
  EXPECT_ERROR(sequences_of("a.csv", text), "a.csv:4: the time 1 of sequence 'a' lies before that of a row before");
  EXPECT_ERROR(sequences_of("a.csv", text, {.sort_time = true}),
               "a.csv:3: sequence 'a' has a second value of 'x' at the time 2");
}

TEST(ObservationTable, NamesBadCells) {
  const std::string head = "id,time,parameter,value\na,1,x,1\n";
  EXPECT_ERROR(sequences_of("a.csv", head + "a,2,,1\n"), "a.csv:3: column 3 ('parameter'): the parameter is empty");
  EXPECT_ERROR(sequences_of("a.csv", head + "a,2,x,high\n"),
               "a.csv:3: column 4 ('value'): expected a number, got 'high'");
  EXPECT_ERROR(sequences_of("a.csv", "id,parameter,value\na,x,1\n"), "which column is the time?");
  EXPECT_ERROR(sequences_of("a.csv", "id,t,p,v\na,1,x,1\n", {.columns = {.parameter = "p"}}),
               "which column is the value?");
  std::string many = "id,time,parameter,value\n";
  for (int i = 0; i < 5000; ++i) many += "a,1,p" + std::to_string(i) + ",1\n";
  EXPECT_ERROR(sequences_of("a.csv", many), "more than 4096 different parameters");
}

}  // namespace
}  // namespace recur
